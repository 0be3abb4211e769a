//! kameo. Its way around is a task of its own for the call, which has no part in the actor's state.

use std::convert::Infallible;

use kameo::actor::{Actor, ActorRef, Spawn as _};
use kameo::message::{Context, Message};
use kameo::reply::DelegatedReply;

use crate::slow::SlowCall;
use crate::times::Times;
use crate::{Options, Row};

macro_rules! actor {
    ($name:ident) => {
        impl Actor for $name {
            type Args = Self;
            type Error = Infallible;

            async fn on_start(actor: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
                Ok(actor)
            }
        }
    };
}

struct Slow {
    call: SlowCall,
}

struct Busy {
    slow: ActorRef<Slow>,
    done: u64,
}

actor!(Slow);
actor!(Busy);

struct Call;
struct Work;
struct WorkAside;
struct Status;

impl Message<Call> for Slow {
    type Reply = u64;

    async fn handle(&mut self, _: Call, _: &mut Context<Self, u64>) -> u64 {
        self.call.answer().await
    }
}

impl Message<Work> for Busy {
    type Reply = u64;

    async fn handle(&mut self, _: Work, _: &mut Context<Self, u64>) -> u64 {
        self.done += self.slow.ask(Call).send().await.expect("an answer");
        self.done
    }
}

impl Message<WorkAside> for Busy {
    type Reply = DelegatedReply<u64>;

    async fn handle(&mut self, _: WorkAside, ctx: &mut Context<Self, Self::Reply>) -> Self::Reply {
        let slow = self.slow.clone();
        ctx.spawn(async move { slow.ask(Call).send().await.expect("an answer") })
    }
}

impl Message<Status> for Busy {
    type Reply = u64;

    async fn handle(&mut self, _: Status, _: &mut Context<Self, u64>) -> u64 {
        self.done
    }
}

pub(crate) async fn rows(options: Options) -> Vec<Row> {
    let who = "kameo";
    vec![
        Row { who, how: "`.await`: deaf", times: run(options, options.deaf_asks, false).await },
        Row { who, how: "`ctx.spawn`: without the state", times: run(options, options.asks, true).await },
    ]
}

async fn run(options: Options, asks: u32, aside: bool) -> Times {
    let call = options.slow();
    let slow = Slow::spawn(Slow { call: call.clone() });
    let busy = Busy::spawn(Busy { slow, done: 0 });
    let works = busy.clone();
    let worker = tokio::spawn(async move {
        loop {
            let done = if aside {
                works.ask(WorkAside).send().await.ok()
            } else {
                works.ask(Work).send().await.ok()
            };
            done.expect("an answer");
        }
    });
    let times = Times::of(asks, &call, || async { busy.ask(Status).send().await.expect("an answer") }).await;
    worker.abort();
    times
}
