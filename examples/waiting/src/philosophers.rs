//! Dining philosophers who all do the naive thing. That they wait in a circle is told to one of them, who puts its fork down.
//!
//! A philosopher owns the fork at its left, and eats with that and the one of its neighbour. What a philosopher does it does with its fork
//! in its hand: so it lends it when it does nothing else.

use actor_core::Cycle;
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::time::Duration;
use tokio::time::sleep;

const REACH: Duration = Duration::from_millis(1);
const MEAL: Duration = Duration::from_millis(5);

#[actor]
#[derive(Default)]
pub(crate) struct Philosopher {
    meals: u32,
}

#[actor]
impl Philosopher {
    /// Takes its own fork, then that of its neighbour, and says how often it has eaten.
    pub(crate) async fn dine(&mut self, neighbour: PhilosopherHandle) -> Result<u32, CallError> {
        sleep(REACH).await;
        neighbour.lend_fork().await?;
        self.meals += 1;
        Ok(self.meals)
    }

    /// For one meal.
    pub(crate) async fn lend_fork(&mut self) {
        sleep(MEAL).await;
    }
}

/// Dines until it has eaten `times`, and says in what circles it was.
///
/// When `dine` has failed the fork lies on the table; to try again is to stand behind those who wait for it.
async fn dinner(
    philosopher: &PhilosopherHandle,
    neighbour: &PhilosopherHandle,
    times: u32,
) -> Result<Vec<Cycle>, CallError<CallError>> {
    let (mut meals, mut circles) = (0, Vec::new());
    while meals < times {
        match philosopher.dine(neighbour.clone()).await {
            Ok(eaten) => meals = eaten,
            Err(CallError::Handler(CallError::Deadlock(circle))) => circles.push(circle),
            Err(error) => return Err(error),
        }
    }
    Ok(circles)
}

fn table() -> [PhilosopherHandle; 5] {
    ["plato", "hume", "kant", "marx", "arendt"]
        .map(|name| Philosopher::default().spawn_with(Spawn::new().name(name)))
}

/// All at once; in the order of the table, in what circles each was.
async fn all_dine(table: &[PhilosopherHandle], times: u32) -> Result<Vec<Vec<Cycle>>, CallError<CallError>> {
    let neighbours = table.iter().cycle().skip(1);
    try_join_all(table.iter().zip(neighbours).map(|(one, next)| dinner(one, next, times))).await
}

pub(crate) async fn run() -> Result<(), CallError<CallError>> {
    let table = table();
    for (philosopher, circles) in table.iter().zip(all_dine(&table, 3).await?) {
        let name = philosopher.name().unwrap_or_default();
        for circle in &circles {
            println!("{name} puts its fork down: {circle}");
        }
        println!("{name} has eaten 3 times");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[tokio::test(start_paused = true)]
    async fn the_naive_way_ends_in_a_circle_and_one_is_told() {
        let table = table();
        let neighbours = table.iter().cycle().skip(1).cloned();
        let dined = join_all(table.iter().zip(neighbours).map(|(one, next)| one.dine(next))).await;
        assert_eq!(dined.iter().filter(|dined| dined.is_ok()).count(), 4);
        let mut told = dined.into_iter().filter_map(Result::err);
        let Some(CallError::Handler(CallError::Deadlock(circle))) = told.next() else { panic!("no circle") };
        let names = |message| circle.steps().iter().filter(move |step| step.message == message).count();
        assert_eq!((names("dine"), names("lend_fork")), (5, 5), "{circle}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_puts_its_fork_down_and_tries_again_eats() {
        let circles = all_dine(&table(), 10).await.unwrap();
        assert!(circles.iter().any(|circles| !circles.is_empty()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_neighbour_who_has_left_is_no_circle() {
        let [one, next, ..] = table();
        next.kill();
        let alone = dinner(&one, &next, 1).await;
        assert!(matches!(alone, Err(CallError::Handler(CallError::NotRunning))));
    }
}
