//! kameo, with bounded mailboxes and without its spans. `send` spares the box that awaiting a request itself costs.
//!
//! A handler that waits keeps all others out, so where all wait for each other (`Big`) a pong is a message.

use std::time::{Duration, Instant};

use kameo::actor::{Actor, ActorRef, Spawn as _};
use kameo::mailbox;

use crate::program::{Program, Threads};

/// An actor that is its own argument.
macro_rules! actors {
    ($($name:ident)+) => { $(
        impl kameo::actor::Actor for $name {
            type Args = Self;
            type Error = std::convert::Infallible;

            async fn on_start(actor: Self, _: kameo::actor::ActorRef<Self>) -> Result<Self, std::convert::Infallible> {
                Ok(actor)
            }
        }
    )+ };
}

mod concurrency;
mod micro;

use concurrency::{banking, dictionary, fibonacci};
use micro::{big, chameneos, count, creation, pingpong, ring, throughput};

/// As large as ours.
const CAPACITY: usize = 1024;

pub(crate) fn run(program: Program, threads: Threads) -> Option<Duration> {
    Some(threads.runtime().block_on(async move { tokio::spawn(play(program)).await.expect("no panic") }))
}

async fn play(program: Program) -> Duration {
    let begin = Instant::now();
    match program {
        Program::PingPong => pingpong().await,
        Program::Count => count().await,
        Program::Throughput => throughput().await,
        Program::Creation => creation().await,
        Program::Ring => ring().await,
        Program::Chameneos => chameneos().await,
        Program::Big => big().await,
        Program::Dictionary => dictionary().await,
        Program::Banking => banking().await,
        Program::Fibonacci => fibonacci().await,
    }
    begin.elapsed()
}

fn spawn<A: Actor<Args = A>>(actor: A) -> ActorRef<A> {
    A::spawn_with_mailbox(actor, mailbox::bounded(CAPACITY))
}
