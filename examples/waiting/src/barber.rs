//! The sleeping barber. Chairs are the places of a mailbox: who finds none is turned away, and who is tired of waiting leaves.

use actor_core::prelude::*;
use futures::future::join_all;
use std::time::Duration;
use tokio::time::sleep;

/// Sleeps while nobody is there, as every actor does.
#[actor(mailbox = Self::CHAIRS, overflow = reject)]
#[derive(Default)]
pub(crate) struct Barber {
    heads: u32,
}

impl Barber {
    const CHAIRS: usize = 3;
    const CUT: Duration = Duration::from_millis(10);
}

#[actor]
impl Barber {
    /// Whether the customer stayed to the end.
    pub(crate) async fn cut(&mut self, ctx: &mut Context<Self>) -> bool {
        tokio::select! {
            () = sleep(Self::CUT) => {
                self.heads += 1;
                true
            }
            () = ctx.cancelled() => false,
        }
    }

    /// Asked at the door, where no chairs are needed.
    #[message(urgent)]
    pub(crate) fn heads(&self) -> u32 {
        self.heads
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    WithNewHair,
    /// No chair was free.
    TurnedAway,
    /// Before its turn came.
    Impatient,
    /// In the middle of its haircut.
    HalfCut,
}

/// Comes after a while, and stays no longer than it likes.
async fn customer(barber: &BarberHandle, comes: u64, stays: u64) -> Result<Leaves, CallError> {
    sleep(Duration::from_millis(comes)).await;
    match barber.cut().timeout(Duration::from_millis(stays)).await {
        Ok(true) => Ok(Leaves::WithNewHair),
        // Who gets up at the last moment may hear it from the barber.
        Ok(false) | Err(CallError::TimedOut { started: true }) => Ok(Leaves::HalfCut),
        Err(CallError::Full) => Ok(Leaves::TurnedAway),
        Err(CallError::TimedOut { started: false }) => Ok(Leaves::Impatient),
        Err(error) => Err(error),
    }
}

pub(crate) async fn run() -> Result<(), CallError> {
    let barber = Barber::default().spawn();
    // Two at a time, with a pause after each ten; each third is in a hurry.
    let customers =
        (0..30).map(|n| customer(&barber, n / 2 * 7 + n / 10 * 40, if n % 3 == 0 { 25 } else { 1000 }));
    let left = join_all(customers).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    println!("{} customers came", left.len());
    for (how, words) in [
        (Leaves::WithNewHair, "were cut"),
        (Leaves::TurnedAway, "found no chair"),
        (Leaves::Impatient, "left while they waited"),
        (Leaves::HalfCut, "left half cut"),
    ] {
        println!("{:>3} {words}", left.iter().filter(|left| **left == how).count());
    }
    println!("the barber counts {} heads", barber.heads().await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Leaves::{HalfCut, Impatient, TurnedAway, WithNewHair};

    /// Customers as (comes, stays).
    async fn day<const N: usize>(customers: [(u64, u64); N]) -> ([Leaves; N], u32) {
        let barber = Barber::default().spawn();
        let left = join_all(customers.map(|(comes, stays)| customer(&barber, comes, stays))).await;
        let left: Result<Vec<_>, _> = left.into_iter().collect();
        (left.unwrap().try_into().unwrap(), barber.heads().await.unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_cut_three_wait_and_the_fifth_is_turned_away() {
        let day = day([(0, 99), (1, 99), (2, 99), (3, 99), (4, 99), (11, 99)]).await;
        assert_eq!(day, ([WithNewHair, WithNewHair, WithNewHair, WithNewHair, TurnedAway, WithNewHair], 5));
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_is_not_cut_and_keeps_nobody_waiting() {
        let day = day([(0, 99), (1, 5), (2, 13), (3, 11), (4, 99)]).await;
        assert_eq!(day, ([WithNewHair, Impatient, HalfCut, Impatient, TurnedAway], 1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_the_barber_sleeps_wakes_it() {
        assert_eq!(day([(0, 99), (50, 10 + 1), (90, 99)]).await, ([WithNewHair; 3], 3));
    }
}
