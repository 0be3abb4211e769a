//! What actors in a row have in common.

use actor_core::prelude::*;

/// Takes numbers one by one, and hears when no more come. It is told: who fails says so by its end.
#[actor]
pub(crate) trait Sink {
    #[message(fatal)]
    async fn number(&mut self, number: u64) -> Result<(), CallError>;
    #[message(fatal)]
    async fn end(&mut self) -> Result<(), CallError>;
}

/// The end of the row.
#[actor]
#[derive(Default)]
pub(crate) struct Collector {
    numbers: Vec<u64>,
    ended: bool,
}

#[actor]
impl Collector {
    /// All that came, when no more come.
    #[message(when = self.ended)]
    pub(crate) fn collect(self) -> Vec<u64> {
        self.numbers
    }
}

impl Sink for Collector {
    async fn number(&mut self, number: u64) -> Result<(), CallError> {
        self.numbers.push(number);
        Ok(())
    }

    async fn end(&mut self) -> Result<(), CallError> {
        self.ended = true;
        Ok(())
    }
}

/// Sends `numbers` through a row of actors, which `build` makes of its end, and says what comes out of it.
pub(crate) async fn run(
    numbers: impl IntoIterator<Item = u64>,
    how: &Spawn,
    build: impl FnOnce(SinkHandle) -> SinkHandle,
) -> Result<Vec<u64>, CallError> {
    let collector = Collector::default().spawn_with(how.clone());
    let first = build(collector.clone().into());
    let collected = collector.collect().start();
    for number in numbers {
        first.number(number).tell().await?;
    }
    first.end().tell().await?;
    collected.await
}
