//! actix. A future that a handler returns runs beside other messages and gets at the state when it is over (`ResponseActFuture`), or keeps
//! all others out (`AtomicResponse`). The actors have a thread of their own, whoever asks has another.

use actix::{
    Actor, ActorFutureExt as _, Addr, Arbiter, AtomicResponse, Context, Handler, Message, Response,
    ResponseActFuture, System, WrapFuture as _,
};

use crate::slow::SlowCall;
use crate::times::Times;
use crate::{Options, Row};

struct Slow {
    call: SlowCall,
}

struct Busy {
    slow: Addr<Slow>,
    done: u64,
}

impl Actor for Slow {
    type Context = Context<Self>;
}

impl Actor for Busy {
    type Context = Context<Self>;
}

macro_rules! message {
    ($($name:ident),+) => { $(
        struct $name;

        impl Message for $name {
            type Result = u64;
        }
    )+ };
}

message!(Call, Work, WorkAlone, Status);

impl Handler<Call> for Slow {
    type Result = Response<u64>;

    fn handle(&mut self, _: Call, _: &mut Context<Self>) -> Response<u64> {
        let call = self.call.clone();
        Response::fut(async move { call.answer().await })
    }
}

impl Busy {
    fn call(&self) -> ResponseActFuture<Self, u64> {
        let answer = self.slow.send(Call).into_actor(self);
        Box::pin(answer.map(|answer, this, _| {
            this.done += answer.expect("an answer");
            this.done
        }))
    }
}

impl Handler<Work> for Busy {
    type Result = ResponseActFuture<Self, u64>;

    fn handle(&mut self, _: Work, _: &mut Context<Self>) -> Self::Result {
        self.call()
    }
}

impl Handler<WorkAlone> for Busy {
    type Result = AtomicResponse<Self, u64>;

    fn handle(&mut self, _: WorkAlone, _: &mut Context<Self>) -> Self::Result {
        AtomicResponse::new(self.call())
    }
}

impl Handler<Status> for Busy {
    type Result = u64;

    fn handle(&mut self, _: Status, _: &mut Context<Self>) -> u64 {
        self.done
    }
}

pub(crate) fn rows(options: Options) -> Vec<Row> {
    let who = "actix";
    System::new().block_on(async move {
        vec![
            Row { who, how: "`AtomicResponse`: deaf", times: run(options, options.deaf_asks, false).await },
            Row { who, how: "`ResponseActFuture`", times: run(options, options.asks, true).await },
        ]
    })
}

async fn run(options: Options, asks: u32, beside: bool) -> Times {
    let theirs = Arbiter::new();
    let call = options.slow();
    let slow_call = call.clone();
    let slow = Slow::start_in_arbiter(&theirs.handle(), move |_| Slow { call: slow_call });
    let busy = Busy::start_in_arbiter(&theirs.handle(), move |_| Busy { slow, done: 0 });
    let works = busy.clone();
    let worker = tokio::task::spawn_local(async move {
        loop {
            let done = if beside { works.send(Work).await } else { works.send(WorkAlone).await };
            done.expect("an answer");
        }
    });
    let times = Times::of(asks, &call, || async { busy.send(Status).await.expect("an answer") }).await;
    worker.abort();
    theirs.stop();
    times
}
