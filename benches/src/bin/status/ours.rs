//! This library.

use actor_core::prelude::*;

use crate::slow::SlowCall;
use crate::times::Times;
use crate::{Options, Row};

#[actor]
struct Slow {
    call: SlowCall,
}

#[actor]
impl Slow {
    pub async fn call(&mut self) -> u64 {
        self.call.answer().await
    }
}

#[actor]
struct Busy {
    slow: SlowHandle,
    done: u64,
}

#[actor]
impl Busy {
    /// Answers meanwhile.
    pub async fn work(&mut self, ctx: &mut Context<Self>) -> Result<u64, CallError> {
        let call = self.slow.call().start();
        self.done += ctx.serving(self, call).await?;
        Ok(self.done)
    }
    pub async fn work_alone(&mut self) -> Result<u64, CallError> {
        self.done += self.slow.call().await?;
        Ok(self.done)
    }
    #[message(interleave)]
    pub fn status(&self) -> u64 {
        self.done
    }
}

pub(crate) async fn rows(options: Options) -> Vec<Row> {
    let who = "ours";
    vec![
        Row { who, how: "`ctx.serving`", times: run(options, options.asks, true, true).await },
        Row { who, how: "`ctx.serving`, mailbox only", times: run(options, options.asks, true, false).await },
        Row { who, how: "`.await`: deaf", times: run(options, options.deaf_asks, false, true).await },
    ]
}

async fn run(options: Options, asks: u32, serves: bool, direct: bool) -> Times {
    let how = || Spawn::new().direct(direct);
    let call = options.slow();
    let slow = Slow { call: call.clone() }.spawn_with(how());
    let busy = Busy { slow, done: 0 }.spawn_with(how());
    let works = busy.clone();
    let worker = tokio::spawn(async move {
        loop {
            let done = if serves { works.work().await } else { works.work_alone().await };
            done.expect("an answer");
        }
    });
    let times = Times::of(asks, &call, || async { busy.status().await.expect("an answer") }).await;
    worker.abort();
    times
}
