//! actix. A thread of its own for each arbiter: one holds everything, or two share the actors.
//!
//! Futures that handlers return run beside other messages. `do_send` goes past the bound of a mailbox and so never waits.

use std::time::{Duration, Instant};

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context, System};

use crate::program::{Program, Threads};

macro_rules! actors {
    ($($name:ident)+) => { $(
        impl actix::Actor for $name {
            type Context = actix::Context<Self>;
        }
    )+ };
}

macro_rules! messages {
    ($($name:ty => $result:ty;)+) => { $(
        impl actix::Message for $name {
            type Result = $result;
        }
    )+ };
}

mod concurrency;
mod micro;

use concurrency::{banking, dictionary, fibonacci};
use micro::{big, chameneos, count, creation, pingpong, ring, throughput};

pub(crate) fn run(program: Program, threads: Threads) -> Option<Duration> {
    Some(System::new().block_on(async move {
        let second = (threads == Threads::Two).then(Arbiter::new);
        let place = Place { second: second.as_ref().map(Arbiter::handle) };
        let took = tokio::task::spawn_local(play(program, place)).await;
        if let Some(second) = second {
            second.stop();
            second.join().expect("no panic");
        }
        took.expect("no panic")
    }))
}

/// Where actors go.
#[derive(Clone)]
struct Place {
    second: Option<ArbiterHandle>,
}

impl Place {
    /// Every other one on the other thread, if there are two.
    fn spawn<A: Actor<Context = Context<A>> + Send>(&self, number: usize, actor: A) -> Addr<A> {
        match &self.second {
            Some(second) if number % 2 == 1 => A::start_in_arbiter(second, |_| actor),
            _ => actor.start(),
        }
    }
}

async fn play(program: Program, place: Place) -> Duration {
    let begin = Instant::now();
    match program {
        Program::PingPong => pingpong(place).await,
        Program::Count => count(place).await,
        Program::Throughput => throughput(place).await,
        Program::Creation => creation(place).await,
        Program::Ring => ring(place).await,
        Program::Chameneos => chameneos(place).await,
        Program::Big => big(place).await,
        Program::Dictionary => dictionary(place).await,
        Program::Banking => banking(place).await,
        Program::Fibonacci => fibonacci(place).await,
    }
    begin.elapsed()
}
