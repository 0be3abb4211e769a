//! One of three processes: it may keep a register or a bank, on its disk, and calls those of all three. It says what it does as it does it.

use crate::Fallible;
use actor_core::prelude::*;
use actor_remote::{Node, Remote, Ticket};
use histories::{Bank, BankOp, BankRet, Register, RegisterOp, RegisterRet};
use serde::{Deserialize, Serialize};
use stateright::semantics::SequentialSpec as _;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A line of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// Something is asked for.
    Begin { id: u64, at: u64, op: Op },
    /// It was answered.
    End { id: u64, at: u64, answer: Answer },
    /// All that was asked for was answered, and nothing more will be.
    Done,
}

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Op {
    Register(RegisterOp),
    Bank(BankOp),
}

/// What is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Register(RegisterRet),
    Bank(BankRet),
    Never,
    Unknown,
}

/// Numbers in a file, each change one write: it is with the kernel before anybody hears of it.
struct Disk<const N: usize>(File);

impl<const N: usize> Disk<N> {
    fn open(path: &Path, first: [u64; N]) -> std::io::Result<(Self, [u64; N])> {
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let disk = Disk(file);
        let mut numbers = first;
        if disk.0.metadata()?.len() == 0 {
            disk.write(&first)?;
        }
        for (n, number) in numbers.iter_mut().enumerate() {
            let mut bytes = [0; 8];
            disk.0.read_exact_at(&mut bytes, 8 * n as u64)?;
            *number = u64::from_le_bytes(bytes);
        }
        Ok((disk, numbers))
    }

    fn write(&self, numbers: &[u64; N]) -> std::io::Result<()> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.0.write_all_at(&bytes, 0)
    }
}

#[actor]
pub(crate) struct Keeper {
    register: Register,
    registers: Disk<1>,
    bank: Bank,
    banks: Disk<3>,
    /// The value before the last one, of a keeper that is wrong on purpose.
    stale: Option<u64>,
}

#[actor(derive(Serialize, Deserialize))]
impl Keeper {
    pub(crate) fn register(&mut self, op: RegisterOp) -> RegisterRet {
        let before = self.register.0;
        let ret = self.register.invoke(&op);
        if self.register.0 != before && self.registers.write(&[self.register.0]).is_err() {
            // What is not kept must not be told.
            std::process::exit(1);
        }
        match (&mut self.stale, &ret) {
            (Some(stale), RegisterRet::Value(value)) if value % 16 == 0 => RegisterRet::Value(*stale),
            (Some(stale), _) => {
                *stale = before;
                ret
            }
            (None, _) => ret,
        }
    }
    pub(crate) fn bank(&mut self, op: BankOp) -> BankRet {
        let ret = self.bank.invoke(&op);
        if ret == BankRet::Transferred(true) && self.banks.write(&self.bank.0).is_err() {
            std::process::exit(1);
        }
        ret
    }
}

/// How the process is set up.
#[derive(clap::Args, Debug)]
pub(crate) struct Keep {
    /// The file with its identity.
    #[arg(long)]
    key: PathBuf,
    /// The folder of what it keeps.
    #[arg(long)]
    folder: PathBuf,
    /// Where the register is; then where the bank is.
    #[arg(long, num_args = 2)]
    peers: Vec<Ticket>,
    /// What it asks for.
    #[arg(long)]
    seed: u64,
    /// It answers with what was before, now and then.
    #[arg(long)]
    planted: bool,
}

/// How many call at a time.
const HANDS: u64 = 2;

/// The name of each process's keeper.
const NAME: &str = "keeper";

pub(crate) async fn run(options: Keep) -> Fallible {
    let (registers, [value]) = Disk::open(&options.folder.join("register"), [0])?;
    let (banks, balances) = Disk::open(&options.folder.join("bank"), Bank::default().0)?;
    let stale = options.planted.then_some(value);
    let keeper = Keeper { register: Register(value), registers, bank: Bank(balances), banks, stale }.spawn();
    let node = Node::builder().bind(([0, 0, 0, 0], 4000)).identity(&options.key).start().await?;
    node.allow_everybody();
    node.serve(NAME, &keeper)?;
    options.peers.iter().for_each(|peer| node.learn(peer));
    println!("key {}", node.key());

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let (stop, stopped) = watch::channel(false);
    let next = Arc::new(AtomicU64::new(0));
    let mut hands = JoinSet::new();
    if lines.next_line().await?.is_some() {
        for hand in 0..HANDS {
            let [register, bank] = [0, 1].map(|n| options.peers.get(n).map(Ticket::key));
            let (Some(register), Some(bank)) = (register, bank) else { return Err("two peers".into()) };
            let hand = Hand {
                random: fastrand::Rng::with_seed(options.seed * HANDS + hand),
                register: KeeperHandle::at(&node, register, NAME),
                bank: KeeperHandle::at(&node, bank, NAME),
                next: Arc::clone(&next),
                last: 0,
            };
            hands.spawn(hand.work(stopped.clone()));
        }
    }
    lines.next_line().await?;
    stop.send(true)?;
    while hands.join_next().await.is_some() {}
    say(&Event::Done)?;
    // Until it is killed: others may still call.
    std::future::pending().await
}

fn say(event: &Event) -> Fallible {
    println!("{}", serde_json::to_string(event)?);
    Ok(())
}

/// The same clock for all processes of this machine.
fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap_or_default() * 1_000_000_000
        + u64::try_from(now.tv_nsec).unwrap_or_default()
}

/// One who calls, one call after the other.
struct Hand {
    random: fastrand::Rng,
    register: KeeperHandle,
    bank: KeeperHandle,
    next: Arc<AtomicU64>,
    /// The value that it has seen last.
    last: u64,
}

impl Hand {
    async fn work(mut self, stopped: watch::Receiver<bool>) -> Result<(), String> {
        while !*stopped.borrow() {
            let op = self.choose();
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            say(&Event::Begin { id, at: now(), op: op.clone() }).map_err(|error| error.to_string())?;
            let answer = self.ask(op).await;
            if let Answer::Register(RegisterRet::Value(value)) = answer {
                self.last = value;
            }
            // Not as many of which nobody knows as there is time for.
            let pause = match answer {
                Answer::Unknown => 500,
                Answer::Never => 50,
                _ => self.random.u64(1..10),
            };
            say(&Event::End { id, at: now(), answer }).map_err(|error| error.to_string())?;
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Ok(())
    }

    fn choose(&mut self) -> Op {
        let value = self.random.u64(1..u64::from(u32::MAX));
        match self.random.u8(0..6) {
            0 | 1 => Op::Register(RegisterOp::Read),
            2 => Op::Register(RegisterOp::Write(value)),
            3 => Op::Register(RegisterOp::Swap(self.last, value)),
            4 => Op::Bank(BankOp::Balances),
            _ => {
                let from = self.random.usize(0..3);
                let to = (from + self.random.usize(1..3)) % 3;
                Op::Bank(BankOp::Transfer(from, to, self.random.u64(1..40)))
            }
        }
    }

    async fn ask(&mut self, op: Op) -> Answer {
        // Some have less time than it takes to see that a machine is gone.
        let within = Duration::from_millis(if self.random.bool() { 300 } else { 5_000 });
        match op {
            Op::Register(op) => match self.register.register(op).timeout(within).await {
                Ok(ret) => Answer::Register(ret),
                Err(error) if error.never_ran() => Answer::Never,
                Err(_) => Answer::Unknown,
            },
            Op::Bank(op) => match self.bank.bank(op).timeout(within).await {
                Ok(ret) => Answer::Bank(ret),
                Err(error) if error.never_ran() => Answer::Never,
                Err(_) => Answer::Unknown,
            },
        }
    }
}
