//! Against the real etcd: two claimants, its death, its standstill, and those of a holder.
//!
//! Where `etcd` is not installed each says that it was skipped.

#![cfg(unix)]
#![allow(missing_docs, unreachable_pub, reason = "actors of tests")]

use actor_core::prelude::*;
use actor_etcd::EtcdDirectory;
use actor_remote::{Claim, Directory, DirectoryError, FencingToken, Location, Lost, Node, Remote, Ticket};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// As short as etcd's own elections let it be.
const LEASE: Duration = Duration::from_secs(2);

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// A server of etcd, with a folder of its own.
struct Etcd {
    process: Child,
    folder: tempfile::TempDir,
    ports: [u16; 2],
}

impl Drop for Etcd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(folder: &Path, ports: [u16; 2]) -> Option<Child> {
    let [client, peer] = ports.map(|port| format!("http://127.0.0.1:{port}"));
    let mut etcd = Command::new("etcd");
    etcd.arg("--data-dir").arg(folder).args(["--name", "one", "--initial-cluster", &format!("one={peer}")]);
    etcd.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    etcd.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    match etcd.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(process) => Some(process),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

impl Etcd {
    /// `None` where it is not installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Both at a time, so that they are two.
        let free = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let ports = free.map(|listener| listener.local_addr().unwrap().port());
        let process = run(folder.path(), ports);
        if process.is_none() {
            println!("skipped: etcd is not installed");
        }
        Some(Etcd { process: process?, folder, ports })
    }

    /// Killed as by a power cut, and run again with what it had written.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn again(&mut self) {
        self.process = run(self.folder.path(), self.ports).unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    async fn directory(&self) -> EtcdDirectory {
        let began = Instant::now();
        loop {
            let directory = EtcdDirectory::connect([format!("127.0.0.1:{}", self.ports[0])]).await.unwrap();
            let directory = directory.lease(LEASE).patience(Duration::from_secs(2));
            match directory.lookup("anybody").await {
                Ok(_) => return directory,
                Err(error) => assert!(began.elapsed() < LONG, "{error}"),
            }
        }
    }
}

/// Of nobody.
fn location(name: &str) -> Location {
    let key = format!("58{}", "66".repeat(31)).parse().unwrap();
    Location::new(Ticket::new(key, [([10, 0, 0, 1], 4000).into()]), name)
}

/// Waits until it can be had.
async fn next(directory: &EtcdDirectory, name: &str, location: &Location) -> Claim {
    let claiming = async {
        loop {
            match directory.claim(name, location).await {
                Ok(claim) => return claim,
                Err(DirectoryError::Taken { holder, .. }) => {
                    let _ = directory.changed(name, Some(holder.token())).await;
                }
                Err(DirectoryError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(LONG, claiming).await.expect("it can be had")
}

#[actor]
struct Bank;

#[actor(derive(Serialize, Deserialize))]
impl Bank {
    pub fn motto(&self) -> String {
        "safe".into()
    }
}

#[tokio::test]
async fn one_of_two_claimants_has_it_and_is_found() {
    let Some(etcd) = Etcd::start() else { return };
    let (one, other) = (etcd.directory().await, etcd.directory().await);
    let (bank, shop) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    bank.allow(shop.key());
    bank.serve("vault", &Bank.spawn()).unwrap();
    let (here, there) = (bank.location("vault"), location("cellar"));

    let (first, second) = tokio::join!(one.claim("bank", &here), other.claim("bank", &there));
    let (claim, error) = match (first, second) {
        (Ok(claim), Err(error)) | (Err(error), Ok(claim)) => (claim, error),
        both => panic!("{both:?}"),
    };
    let DirectoryError::Taken { holder, .. } = error else { panic!("{error}") };
    assert_eq!((holder.location(), holder.token()), (claim.location(), claim.token()));
    // Long after its lease it is renewed.
    let kept = timeout(LEASE * 2, claim.lost()).await;
    assert!(kept.is_err() && claim.is_held(), "{kept:?}");

    let token = claim.token();
    let (freed, released) = tokio::join!(other.changed("bank", Some(token)), claim.release());
    released.unwrap();
    assert_eq!(freed.unwrap(), None);
    let claim = one.claim("bank", &here).await.unwrap();
    assert!(claim.token() > token);
    let bank = BankHandle::find(&shop, &other, "bank").await.unwrap();
    assert_eq!(bank.motto().await.unwrap(), "safe");
    // Dropped, it is given back.
    let token = claim.token();
    drop(claim);
    assert_eq!(timeout(LEASE / 2, other.changed("bank", Some(token))).await.unwrap().unwrap(), None);
}

#[tokio::test]
async fn when_etcd_dies_the_name_is_lost_before_it_can_be_anothers() {
    let Some(mut etcd) = Etcd::start() else { return };
    let (one, other) = (etcd.directory().await, etcd.directory().await);
    let claim = one.claim("bank", &location("vault")).await.unwrap();
    etcd.kill();
    let began = Instant::now();
    let error = one.claim("shop", &location("till")).await.unwrap_err();
    assert!(matches!(error, DirectoryError::Unavailable(_)), "{error}");
    assert_eq!(claim.lost().await, Lost::Expired);
    assert!(began.elapsed() < LEASE, "{:?}", began.elapsed());
    // It knows of the name when it is there again, and lets go of it.
    etcd.again();
    let second = next(&other, "bank", &location("cellar")).await;
    assert!(second.token() > claim.token());
    assert!(!claim.is_held());
    assert!(claim.release().await.is_ok(), "there is nothing to be given back");
    assert!(second.is_held());
}

#[tokio::test]
async fn a_short_absence_of_etcd_costs_nothing() {
    let Some(mut etcd) = Etcd::start() else { return };
    let directory = etcd.directory().await.lease(Duration::from_secs(20));
    let claim = directory.claim("bank", &location("vault")).await.unwrap();
    etcd.kill();
    etcd.again();
    let again = etcd.directory().await;
    // One that has just begun closes connections before it answers.
    let holder = timeout(LONG, async {
        loop {
            match again.lookup("bank").await {
                Err(DirectoryError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
                answered => break answered.unwrap(),
            }
        }
    });
    assert_eq!(holder.await.unwrap().unwrap().token(), claim.token());
    let lost = timeout(Duration::from_secs(8), claim.lost()).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(again.lookup("bank").await.unwrap().unwrap().token(), claim.token());
}

#[tokio::test]
async fn while_etcd_stands_still_the_lease_lapses_here_first() {
    let Some(etcd) = Etcd::start() else { return };
    let (one, other) = (etcd.directory().await, etcd.directory().await);
    let claim = one.claim("bank", &location("vault")).await.unwrap();
    etcd.signal(Signal::STOP);
    let began = Instant::now();
    assert_eq!(claim.lost().await, Lost::Expired);
    assert!(began.elapsed() < LEASE, "{:?}", began.elapsed());
    etcd.signal(Signal::CONT);
    let second = next(&other, "bank", &location("cellar")).await;
    assert!(!claim.is_held() && second.token() > claim.token());
}

#[tokio::test]
async fn what_is_taken_away_by_hand_is_told() {
    let Some(etcd) = Etcd::start() else { return };
    let directory = etcd.directory().await.lease(Duration::from_secs(60)).prefix("of tests/");
    let claim = directory.claim("bank", &location("vault")).await.unwrap();
    let bank = Bank.spawn();
    let endpoint = format!("127.0.0.1:{}", etcd.ports[0]);
    let mut client = etcd_client::Client::connect([endpoint], None).await.unwrap();
    client.delete("of tests/bank", None).await.unwrap();
    assert_eq!(timeout(LEASE, claim.lost()).await.unwrap(), Lost::Revoked);
    claim.guard(&bank);
    assert!(matches!(timeout(LEASE, bank.stopped()).await.unwrap(), ExitReason::Killed));

    client.put("of tests/bank", "something else", None).await.unwrap();
    let error = directory.lookup("bank").await.unwrap_err();
    assert!(matches!(error, DirectoryError::Damaged { .. }), "{error}");
    assert!(matches!(directory.claim("bank", &location("vault")).await, Err(DirectoryError::Damaged { .. })));
}

/// The other process: this test program, asked to run this test alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other process of those below"]
async fn holds() {
    let directory = EtcdDirectory::connect([std::env::var("ETCD").unwrap()]).await.unwrap().lease(LEASE);
    let claim = directory.claim("bank", &location("vault")).await.unwrap();
    println!("token {}", claim.token());
    let claim = std::thread::spawn(move || {
        while claim.is_held() {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("over");
        claim
    });
    let claim = claim.join().unwrap();
    println!("lost {}", claim.lost().await);
}

struct Holding {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    token: FencingToken,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Holding {
    fn start(etcd: &Etcd) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["holds", "--exact", "--ignored", "--nocapture"])
            .env("ETCD", format!("127.0.0.1:{}", etcd.ports[0]))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut holding = Holding { process, lines, token: FencingToken::default() };
        holding.token = FencingToken::new(holding.line("token ").parse().unwrap());
        holding
    }

    /// What stands behind this.
    fn line(&mut self, begin: &str) -> String {
        let mut said = self.lines.by_ref().map_while(Result::ok);
        said.find_map(|line| line.split_once(begin).map(|(_, rest)| rest.to_owned())).unwrap()
    }
}

#[tokio::test]
async fn a_holder_that_dies_or_stands_still_loses_it() {
    let Some(etcd) = Etcd::start() else { return };
    let directory = etcd.directory().await;
    for signal in [Signal::KILL, Signal::STOP] {
        let mut holding = Holding::start(&etcd);
        let began = Instant::now();
        kill_process(Pid::from_child(&holding.process), signal).unwrap();
        let second = next(&directory, "bank", &location("cellar")).await;
        assert!(second.token() > holding.token);
        assert!(began.elapsed() < LEASE * 4, "{:?}", began.elapsed());
        if signal == Signal::STOP {
            kill_process(Pid::from_child(&holding.process), Signal::CONT).unwrap();
            // It wakes up, and sees that it is not the holder: not by being told, but by its clock.
            assert_eq!(holding.line("over"), "");
            assert_eq!(holding.line("lost "), Lost::Expired.to_string());
        }
        second.release().await.unwrap();
    }
}

#[tokio::test]
async fn where_no_etcd_is_nothing_is_waited_for() {
    let directory = EtcdDirectory::connect(["127.0.0.1:9"]).await;
    let outcome = match directory {
        Ok(directory) => directory.patience(Duration::from_secs(1)).lookup("bank").await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(outcome, Err(DirectoryError::Unavailable(_))), "{outcome:?}");
}
