//! A seed is a run: the same in every process.

use actor_core::prelude::*;
use actor_core::test::schedule::{self, Schedule, Trace};
use actor_core::{Backoff, Exit, Group, Pool, Supervise, Supervisor};
use futures::StreamExt;
use futures::stream::{self, Stream};
use std::process::Command;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

/// A bit of everything.
#[actor]
#[derive(Default)]
struct Bit {
    items: Vec<u32>,
    ended: Vec<String>,
}

#[actor(derive_message(Clone))]
impl Bit {
    pub fn put(&mut self, n: u32) {
        self.items.push(n);
    }
    #[message(when = !self.items.is_empty())]
    pub fn take(&mut self) -> u32 {
        self.items.remove(0)
    }
    #[message(concurrent)]
    pub async fn read(&self) -> usize {
        tokio::time::sleep(2 * MS).await;
        self.items.len()
    }
    #[message(interleave)]
    pub fn len(&self) -> usize {
        self.items.len()
    }
    pub async fn ask(&mut self, ctx: &mut Context<Self>, other: BitHandle) -> usize {
        ctx.serving(self, other.len()).await.unwrap_or(99)
    }
    pub async fn wait(&mut self) {
        tokio::time::sleep(5 * MS).await;
    }
    pub fn tick(&mut self, ctx: &mut Context<Self>) {
        self.items.push(7);
        ctx.after("tick", 3 * MS, BitMessage::Put { n: 8 });
    }
    pub fn later(&mut self, ctx: &mut Context<Self>, other: BitHandle) {
        ctx.then(async move { other.len().await }, |bit, _, len| {
            bit.items.push(len.map_or(98, |len| len as u32))
        });
    }
    pub fn flow(&mut self, ctx: &mut Context<Self>) {
        ctx.attach(stream::iter([21, 22]), |n| BitMessage::Put { n });
    }
    pub fn numbers(&self) -> impl Stream<Item = u32> + 'static {
        stream::iter(self.items.clone())
    }
    pub fn guard(&mut self, ctx: &mut Context<Self>, other: BitHandle) {
        ctx.watch(&other);
    }
    pub fn fall(&mut self, n: u32) {
        panic!("falls at {n}");
    }
    #[on_exit]
    fn exit(&mut self, exit: Exit) {
        self.ended.push(exit.reason.to_string());
    }
}

async fn everything() {
    let pool = Pool::new(3, |_| Bit::default()).least_loaded().spawn();
    let supervisor = Supervisor::one_for_all().intensity(5, Duration::from_secs(1)).spawn();
    let backoff = Backoff::exponential(2 * MS, 50 * MS).jitter(0.5);
    let ann = supervisor.child(Supervise::permanent(), Bit::default);
    let bob = supervisor.child(Supervise::transient().backoff(backoff.clone()), Bit::default);
    let cid = Bit::supervised(Supervise::permanent().backoff(backoff), Bit::default);
    let dan = Bit::default().spawn_with(Spawn::new().name("dan").mailbox(2));
    dan.guard(cid.clone()).await.unwrap();
    let group = Group::new();
    [&ann, &bob, &cid, &dan].into_iter().for_each(|bit| group.join(bit));
    let clients: Vec<_> = (0..4_u32)
        .map(|n| {
            let (ann, bob, cid, dan, pool) =
                (ann.clone(), bob.clone(), cid.clone(), dan.clone(), pool.clone());
            schedule::spawn(async move {
                let _ = pool.put(n).await;
                let _ = dan.put(n).tell().await;
                let _ = dan.take().timeout(4 * MS).await;
                let _ = tokio::join!(ann.read(), bob.read(), dan.read());
                let _ = ann.ask(dan.clone()).timeout(3 * MS).await;
                let _ = dan.tick().await;
                let _ = cid.later(dan.clone()).await;
                let _ = dan.flow().await;
                if n % 2 == 0 {
                    let _ = cid.fall(n).await;
                    let _ = bob.fall(n).await;
                }
                if let Ok(numbers) = dan.numbers().await {
                    let _: Vec<_> = numbers.collect().await;
                }
                let _ = cid.wait().timeout(n * MS).await;
            })
        })
        .collect();
    group.publish(BitMessage::Put { n: 5 });
    for client in clients {
        client.await;
    }
    dan.stop_within(MS);
    cid.kill();
    dan.stopped().await;
    cid.stopped().await;
    supervisor.stop();
    supervisor.stopped().await;
}

#[test]
fn two_runs_of_a_seed_are_the_same() {
    let run = |seed| schedule::replay(seed, everything);
    let traces: Vec<Trace> = (0..150).map(run).collect();
    for (seed, trace) in (0..).zip(&traces) {
        assert!(*trace == run(seed), "seed {seed}");
    }
    let all_differ = traces.windows(2).all(|two| two[0] != two[1]);
    assert!(all_differ, "each seed is a run of its own");
    assert!(traces.iter().any(|trace| trace.to_string().contains("falls")), "{}", traces[0]);
}

const CHILD: &str = "ACTOR_TEST_REPLAYS";

/// Says what happened to whoever started this process.
#[test]
fn traces_for_another_process() {
    if std::env::var_os(CHILD).is_some() {
        (0..5).for_each(|seed| println!("{}", schedule::replay(seed, everything)));
        println!("these were the traces");
    }
}

#[test]
fn a_run_is_the_same_in_another_process() {
    let mut outputs = (0..2).map(|_| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "schedule::replay::traces_for_another_process", "--nocapture"]);
        let output = child.env(CHILD, "1").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("these were the traces"), "{text}");
        let lines = text.lines().filter(|line| !line.contains("test"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(outputs.next(), outputs.next());
}

#[test]
fn a_body_that_decides_by_itself_is_told_so() {
    let mut runs = 0;
    let failure = Schedule::new().seeds(1).find(|| {
        runs += 1;
        let sends = runs;
        async move {
            let bit = Bit::default().spawn();
            for n in 0..sends {
                bit.put(n).await.unwrap();
            }
            panic!("as always");
        }
    });
    let failure = failure.unwrap();
    assert!(!failure.is_exact());
    assert!(failure.to_string().contains("a second run with this seed was another one"), "{failure}");
}
