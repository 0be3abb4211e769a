//! Those who spoil it.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use actor_core::prelude::*;
use choices::Random;
use futures::future::join_all;

use crate::caller::within;
use crate::ledger::Claim;
use crate::world::World;

/// Ends, crashes, floods and replaces actors until it is over.
pub(crate) async fn spoil(world: Arc<World>, mut random: Random) {
    while !world.is_over() {
        for _ in 0..8 {
            deed(&world, &mut random).await;
        }
        tokio::time::sleep(Duration::from_micros(random.draw() % 2000)).await;
    }
}

async fn deed(world: &World, random: &mut Random) {
    let ledger = &world.ledger;
    let (target, _) = world.pick(random);
    match random.below(24) {
        0..3 => {
            ledger.kills.fetch_add(1, SeqCst);
            target.kill();
        }
        3 => {
            ledger.stops.fetch_add(1, SeqCst);
            target.stop();
        }
        4 => {
            ledger.stops.fetch_add(1, SeqCst);
            target.stop_within(Duration::from_micros(random.draw() % 2000));
        }
        5..10 => {
            let (claim, ticket) = ledger.open("crash");
            tell(claim, target.crash(ticket));
        }
        10..12 => {
            let (claim, ticket) = ledger.open("crash late");
            tell(claim, target.crash_late(ticket));
        }
        12 => {
            let (claim, ticket) = ledger.open("fail");
            tell(claim, target.fail(ticket));
        }
        13 => {
            let (claim, ticket) = ledger.open("leave");
            tell(claim, target.leave(ticket));
        }
        14 => {
            let (claim, ticket) = ledger.open("close");
            tell(claim, target.close(ticket));
        }
        15 => world.replace(random, true),
        16 => {
            // A flood that takes what there is room for, and a crash in the middle of it.
            for n in 0..500 {
                let (claim, ticket) = ledger.open("flood");
                if n == 250 {
                    tell(claim, target.crash(ticket));
                } else {
                    claim.sent(target.add(ticket).try_tell());
                }
            }
        }
        17 => {
            // One that waits for room, with an end in the middle of it.
            let (claims, requests): (Vec<_>, Vec<_>) = (0..200)
                .map(|_| ledger.open("crowd"))
                .map(|(claim, ticket)| (claim, target.nap(ticket, 1).start()))
                .unzip();
            if random.once_in(2) {
                target.kill();
            }
            let answers = within(ledger, join_all(requests)).await.unwrap_or_default();
            claims.into_iter().zip(answers).for_each(|(claim, answer)| claim.answered(answer));
        }
        18 => world.names.name(&target, random, ledger),
        19 => world.names.take_away(random),
        20 => {
            if let Some(ended) = within(ledger, world.names.end_one(random)).await {
                world.names.is_not_found(ended, ledger);
            }
        }
        21 => {
            if !world.is_doomed.load(SeqCst) {
                world.faithful_are_found(random);
            }
        }
        22 if random.once_in(20) => {
            let supervisor = world.supervisor(random);
            match random.below(3) {
                0 => supervisor.stop(),
                1 => supervisor.kill(),
                _ => supervisor.stop_within(Duration::from_micros(random.draw() % 2000)),
            }
        }
        _ => {
            if within(ledger, tokio::time::timeout(Duration::from_millis(1), target.stopped()))
                .await
                .is_none()
            {
                ledger.wrong("a limit of time did not come");
            }
        }
    }
}

fn tell<M: Message, T, E>(claim: Claim, request: Request<'_, M, T, E>) {
    claim.sent(request.try_tell());
}
