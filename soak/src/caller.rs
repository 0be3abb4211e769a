//! Those who ask, in every way there is.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use actor_core::prelude::*;
use choices::Random;
use futures::future::join_all;

use crate::ledger::{Claim, Ledger, Ticket, Told};
use crate::target::TargetHandle;
use crate::world::World;

/// No answer takes so long, whatever else the machine does.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Asks until it is over.
pub(crate) async fn calls(world: Arc<World>, mut random: Random) {
    while !world.is_over() {
        let (target, other) = world.pick(&mut random);
        call(&world.ledger, &target, other, &mut random).await;
        if random.once_in(8) {
            // What has ended is of no use to anybody.
            world.replace(&mut random, false);
            tokio::task::yield_now().await;
        }
    }
}

/// Asks those who always come back: what has not begun is never lost.
pub(crate) async fn faithful_calls(world: Arc<World>, mut random: Random) {
    let ledger = &world.ledger;
    while !world.is_over() {
        let target = world.pick_faithful(&mut random);
        let told = match random.below(8) {
            0 => ask(ledger, "crash", |ticket| target.crash(ticket)).await,
            1 => ask(ledger, "crash late", |ticket| target.crash_late(ticket)).await,
            2 => ask(ledger, "fail", |ticket| target.fail(ticket)).await,
            3 => ask(ledger, "leave", |ticket| target.leave(ticket)).await,
            4 => ask(ledger, "nap", |ticket| target.nap(ticket, 100)).await,
            _ => ask(ledger, "add", |ticket| target.add(ticket)).await,
        };
        let is_kept = matches!(told, Some(Told::Replied | Told::Interrupted));
        if !is_kept && !world.is_doomed.load(SeqCst) {
            ledger.wrong(format_args!("one that always comes back told {told:?}"));
        }
    }
}

/// Makes a call and waits for its answer.
async fn ask<'a, M: Message, T, E>(
    ledger: &Arc<Ledger>,
    what: &'static str,
    call: impl FnOnce(Ticket) -> Request<'a, M, T, E>,
) -> Option<Told> {
    let (claim, ticket) = ledger.open(what);
    let answer = within(ledger, call(ticket)).await?;
    let told = Told::by(&answer);
    claim.answered(answer);
    Some(told)
}

/// Asks from a thread of its own.
pub(crate) fn blocking_calls(world: &World, mut random: Random) {
    while !world.is_over() {
        let (target, _) = world.pick(&mut random);
        let (claim, ticket) = world.ledger.open("blocking");
        claim.answered(target.add(ticket).timeout(Duration::from_millis(100)).blocking());
    }
}

async fn call(ledger: &Arc<Ledger>, target: &TargetHandle, other: Option<TargetHandle>, random: &mut Random) {
    match random.below(25) {
        0..5 => {
            let (claim, ticket) = ledger.open("add");
            wait(ledger, claim, target.add(ticket), random).await;
        }
        5 => {
            let (claim, ticket) = ledger.open("refuse");
            wait(ledger, claim, target.refuse(ticket), random).await;
        }
        6..8 => {
            let (claim, ticket) = ledger.open("nap");
            let micros = random.draw() % 500;
            wait(ledger, claim, target.nap(ticket, micros), random).await;
        }
        8 => {
            let (claim, ticket) = ledger.open("serve");
            let micros = random.draw() % 500;
            wait(ledger, claim, target.serve(ticket, micros), random).await;
        }
        9..11 => {
            let (claim, ticket) = ledger.open("peek");
            wait(ledger, claim, target.peek(ticket), random).await;
        }
        11 => {
            let (claim, ticket) = ledger.open("keep");
            wait(ledger, claim, target.keep(ticket), random).await;
        }
        12 => {
            let (claim, ticket) = ledger.open("beat");
            wait(ledger, claim, target.beat(ticket), random).await;
        }
        13 => {
            let (claim, ticket) = ledger.open("with");
            let code = move |n: &mut u64| {
                ticket.punch();
                *n += 1;
            };
            wait(ledger, claim, target.with(code), random).await;
        }
        14 => numbers(ledger, target, random).await,
        15 => {
            let Some(other) = other else { return };
            let (claim, ticket) = ledger.open("relay");
            wait(ledger, claim, target.relay(ticket, other), random).await;
        }
        16 => {
            let Some(other) = other else { return };
            let (claim, ticket) = ledger.open("forward");
            let (inner, given) = ledger.open("forwarded");
            // Whoever gets the answer is told of the whole.
            inner.settle(Told::Left);
            wait(ledger, claim, target.forward(ticket, other, given), random).await;
        }
        17 => {
            let Some(other) = other else { return };
            let (claim, ticket) = ledger.open("bear");
            wait(ledger, claim, target.bear(ticket, other), random).await;
        }
        18 => {
            let (claims, requests): (Vec<_>, Vec<_>) = (0..8)
                .map(|_| ledger.open("joined"))
                .map(|(claim, ticket)| (claim, target.add(ticket)))
                .unzip();
            let answers = within(ledger, join_all(requests)).await.unwrap_or_default();
            claims.into_iter().zip(answers).for_each(|(claim, answer)| claim.answered(answer));
        }
        19 => {
            let (claim, ticket) = ledger.open("crash");
            wait(ledger, claim, target.crash(ticket), random).await;
        }
        20 => {
            let (claim, ticket) = ledger.open("crash late");
            wait(ledger, claim, target.crash_late(ticket), random).await;
        }
        21 | 22 => {
            let (claim, ticket) = ledger.open("later");
            let (micros, crash) = (random.draw() % 2000, random.once_in(40));
            wait(ledger, claim, target.later(ticket, micros, crash), random).await;
        }
        23 => {
            let (claim, ticket) = ledger.open("feed");
            let count = if random.once_in(4) { u64::MAX } else { random.draw() % 60 };
            let (guarded, crash) = (random.once_in(3), random.once_in(40));
            wait(ledger, claim, target.feed(ticket, count, guarded, crash), random).await;
        }
        _ => {
            let (claim, ticket) = ledger.open("tell");
            if random.once_in(2) {
                claim.sent(target.add(ticket).try_tell());
            } else if let Some(result) = within(ledger, target.add(ticket).tell()).await {
                claim.sent(result);
            }
        }
    }
}

/// Waits for one answer, or not.
async fn wait<M: Message, T: Send + 'static, E: Debug + Send + 'static>(
    ledger: &Ledger,
    claim: Claim,
    request: Request<'_, M, T, E>,
    random: &mut Random,
) {
    let answer = match random.below(8) {
        0 => within(ledger, request.timeout(Duration::from_micros(random.draw() % 1000))).await,
        1 => {
            let pending = request.start();
            tokio::task::yield_now().await;
            within(ledger, pending).await
        }
        2 => {
            // Leaves before the answer, or just when it comes.
            let pending = request.start();
            if random.once_in(2) {
                tokio::task::yield_now().await;
            }
            drop(pending);
            return drop(claim);
        }
        3 => return claim.sent(within(ledger, request.tell()).await.unwrap_or(Ok(()))),
        4 => return claim.sent(request.try_tell()),
        _ => within(ledger, request).await,
    };
    if let Some(answer) = answer {
        claim.answered(answer);
    }
}

/// Reads a stream to its end, or leaves in the middle.
async fn numbers(ledger: &Arc<Ledger>, target: &TargetHandle, random: &mut Random) {
    let (claim, ticket) = ledger.open("numbers");
    let Some(answer) = within(ledger, target.numbers(ticket, random.draw() % 40)).await else { return };
    let mut items = match answer {
        Ok(items) => items,
        Err(error) => return claim.answered(Err::<(), _>(error)),
    };
    claim.settle(Told::Left);
    let most = random.below(60);
    for _ in 0..most {
        match within(ledger, items.next()).await {
            Some(Some(Ok(_))) => {}
            _ => break,
        }
    }
}

/// `None`, and a mistake of the library, if there is no answer for too long.
pub(crate) async fn within<F: IntoFuture>(ledger: &Ledger, future: F) -> Option<F::Output> {
    let answer = tokio::time::timeout(LIMIT, future.into_future()).await.ok();
    if answer.is_none() {
        ledger.wrong(format_args!("nobody answered for {LIMIT:?}"));
    }
    answer
}
