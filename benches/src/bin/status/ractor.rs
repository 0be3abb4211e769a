//! ractor. Its way around is a task of its own for the call, which has no part in the actor's state.

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};

use crate::slow::SlowCall;
use crate::times::Times;
use crate::{Options, Row};

struct Slow;

#[derive(Debug)]
struct Call(RpcReplyPort<u64>);

impl Actor for Slow {
    type Msg = Call;
    type State = SlowCall;
    type Arguments = SlowCall;

    async fn pre_start(&self, _: ActorRef<Call>, slow: SlowCall) -> Result<SlowCall, ActorProcessingErr> {
        Ok(slow)
    }

    async fn handle(
        &self,
        _: ActorRef<Call>,
        Call(reply): Call,
        slow: &mut SlowCall,
    ) -> Result<(), ActorProcessingErr> {
        Ok(reply.send(slow.answer().await)?)
    }
}

struct Busy;

#[derive(Debug)]
enum BusyMessage {
    Work(RpcReplyPort<u64>),
    WorkAside(RpcReplyPort<u64>),
    Status(RpcReplyPort<u64>),
}

impl Actor for Busy {
    type Msg = BusyMessage;
    type State = (ActorRef<Call>, u64);
    type Arguments = ActorRef<Call>;

    async fn pre_start(
        &self,
        _: ActorRef<BusyMessage>,
        slow: ActorRef<Call>,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok((slow, 0))
    }

    async fn handle(
        &self,
        _: ActorRef<BusyMessage>,
        message: BusyMessage,
        (slow, done): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            BusyMessage::Work(reply) => {
                *done += call(slow).await;
                reply.send(*done)?;
            }
            BusyMessage::WorkAside(reply) => {
                let slow = slow.clone();
                tokio::spawn(async move {
                    let _ = reply.send(call(&slow).await);
                });
            }
            BusyMessage::Status(reply) => reply.send(*done)?,
        }
        Ok(())
    }
}

async fn call(slow: &ActorRef<Call>) -> u64 {
    slow.call(Call, None).await.expect("it runs").unwrap()
}

async fn ask(busy: &ActorRef<BusyMessage>, question: fn(RpcReplyPort<u64>) -> BusyMessage) -> u64 {
    busy.call(question, None).await.expect("it runs").unwrap()
}

pub(crate) async fn rows(options: Options) -> Vec<Row> {
    let who = "ractor";
    vec![
        Row { who, how: "`.await`: deaf", times: run(options, options.deaf_asks, BusyMessage::Work).await },
        Row {
            who,
            how: "a task: without the state",
            times: run(options, options.asks, BusyMessage::WorkAside).await,
        },
    ]
}

async fn run(options: Options, asks: u32, work: fn(RpcReplyPort<u64>) -> BusyMessage) -> Times {
    let slow_call = options.slow();
    let (slow, _) = Actor::spawn(None, Slow, slow_call.clone()).await.expect("it starts");
    let (busy, _) = Actor::spawn(None, Busy, slow).await.expect("it starts");
    let works = busy.clone();
    let worker = tokio::spawn(async move {
        loop {
            ask(&works, work).await;
        }
    });
    let times = Times::of(asks, &slow_call, || ask(&busy, BusyMessage::Status)).await;
    worker.abort();
    times
}
