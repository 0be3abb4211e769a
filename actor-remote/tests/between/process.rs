//! Another process, and what becomes of it.

use crate::account::{Account, AccountHandle};
use crate::members::PACE;
use actor_core::prelude::*;
use actor_core::{OutOfSight, RemoteError, Started};
use actor_remote::{Members, Node, Remote, Ticket};
#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The other process: this test program, asked to run this test alone.
#[tokio::test]
#[ignore = "the other process of those below"]
async fn serves() {
    let folder = std::env::var("BETWEEN_FOLDER").unwrap();
    let port = std::env::var("BETWEEN_PORT").map_or(0, |port| port.parse().unwrap());
    let node = Node::builder()
        .bind(([127, 0, 0, 1], port))
        .identity(std::path::Path::new(&folder).join("key"))
        .start()
        .await
        .unwrap();
    node.allow_everybody();
    node.serve("ann", &Account::default().spawn()).unwrap();
    let seed = std::env::var("BETWEEN_SEED").ok().map(|seed| seed.parse().unwrap());
    let members = seed.map(|seed: Ticket| Members::builder().pace(PACE).join(&node, [seed]).unwrap());
    if let Some(members) = &members {
        members.serve("worker", &Account::default().spawn()).unwrap();
    }
    println!("ticket {}", node.ticket());
    std::future::pending().await
}

pub struct Other {
    process: Child,
    pub ticket: Ticket,
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn other(folder: &std::path::Path) -> Other {
    other_with(folder, None)
}

/// One that is a member, with somebody to join, at a port of its own.
pub fn other_with(folder: &std::path::Path, member: Option<(Ticket, u16)>) -> Other {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["process::serves", "--exact", "--ignored", "--nocapture"])
        .env("BETWEEN_FOLDER", folder)
        .envs(member.iter().map(|(seed, _)| ("BETWEEN_SEED", seed.to_string())))
        .envs(member.iter().map(|(_, port)| ("BETWEEN_PORT", port.to_string())))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let ticket = lines
        .map_while(Result::ok)
        .find_map(|line| line.split_once("ticket ").map(|(_, ticket)| ticket.parse().unwrap()))
        .unwrap();
    Other { process, ticket }
}

#[cfg(target_os = "linux")]
impl Other {
    pub fn freeze(&self) {
        freeze(&self.process);
    }

    pub fn signal(&self, kind: Signal) {
        signal(&self.process, kind);
    }
}

#[cfg(target_os = "linux")]
fn signal(process: &Child, signal: Signal) {
    kill_process(Pid::from_child(process), signal).unwrap();
}

/// A signal is on its way when it has been sent: this waits until the process stands still.
#[cfg(target_os = "linux")]
fn freeze(process: &Child) {
    signal(process, Signal::STOP);
    // After its name, in brackets, comes its state.
    let is_still = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
    };
    while !is_still() {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn killed_or_frozen_it_goes_out_of_sight() {
    for how in [Signal::KILL, Signal::STOP] {
        let folder = tempfile::tempdir().unwrap();
        let bank = other(folder.path());
        let shop = Node::local().await.unwrap();
        shop.learn(&bank.ticket);
        let account = AccountHandle::at(&shop, bank.ticket.key(), "ann");
        let stopped = account.stopped();
        assert_eq!(account.deposit(5).await.unwrap(), 5);
        signal(&bank.process, how);
        let began = Instant::now();
        let reason = stopped.await;
        let why = OutOfSight::of(&reason).unwrap_or_else(|| panic!("{reason:?}")).why();
        assert!(matches!(why, CallError::Remote(RemoteError::ConnectionLost { .. })), "{why:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert!(matches!(account.deposit(1).await, Err(CallError::NotRunning)));
    }
}

#[tokio::test]
async fn killed_it_is_noticed_and_come_back_it_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut bank = other(folder.path());
    let shop = Node::local().await.unwrap();
    shop.learn(&bank.ticket);
    let account = AccountHandle::at(&shop, bank.ticket.key(), "ann");
    assert_eq!(account.deposit(5).await.unwrap(), 5);

    let running = account.wait().start();
    let queued = account.deposit(1).start();
    // Behind them, and so never answered: by then both are there.
    let behind = account.balance().timeout(Duration::from_millis(300)).await;
    assert!(matches!(behind, Err(CallError::TimedOut { .. })), "{behind:?}");
    bank.process.kill().unwrap();
    let began = Instant::now();
    for error in [running.await.unwrap_err(), queued.await.unwrap_err()] {
        let CallError::Remote(RemoteError::ConnectionLost { started }) = error else { panic!("{error:?}") };
        assert_ne!(started, Started::No);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());

    // The same key at another port, with nothing of what it knew.
    let again = other(folder.path());
    assert_eq!(again.ticket.key(), bank.ticket.key());
    shop.learn(&again.ticket);
    let balance = loop {
        match account.deposit(2).await {
            Ok(balance) => break balance,
            Err(error) => assert!(error.never_ran(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(balance, 2);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn frozen_it_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let bank = other(folder.path());
    let shop = Node::local().await.unwrap();
    shop.learn(&bank.ticket);
    let account = AccountHandle::at(&shop, bank.ticket.key(), "ann");
    assert_eq!(account.deposit(5).await.unwrap(), 5);
    freeze(&bank.process);
    let began = Instant::now();
    let error = account.deposit(1).await.unwrap_err();
    assert!(
        matches!(error, CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown })),
        "{error:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    signal(&bank.process, Signal::CONT);
    // It may have run when the other one woke up: that is what unknown means.
    let balance = loop {
        match account.balance().await {
            Ok(balance) => break balance,
            Err(error) => assert!(matches!(error, CallError::Remote(_)), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(balance == 5 || balance == 6, "{balance}");
}
