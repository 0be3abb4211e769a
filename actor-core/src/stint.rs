//! How long an actor's task goes on before others on the same thread have their turn.

use crate::choice;
use std::time::Duration;
use tokio::time::Instant;

/// Messages in a row, where they are short.
const ROW: u32 = 256;
/// Where they are long: so much, and the one at hand. A turn of the task costs a hundredth of it, and the runtime looks for what other threads
/// sent, and at its timers, only once in dozens of turns.
const LONG: Duration = Duration::from_micros(20);

/// A row of messages. The clock costs as much as a short message, so it is looked at after 1, 2, 4, 8 and so on.
///
/// It is the runtime's: where a test has paused it, a row is as long each time.
#[derive(Debug)]
pub(crate) struct Stint {
    left: u32,
    /// The next look at the clock is when no more than so many are left.
    look_at: u32,
    began: Option<Instant>,
}

impl Stint {
    pub(crate) fn new() -> Self {
        Stint { left: choice::row(ROW), look_at: ROW - 2, began: None }
    }

    /// Before each message. One that stays alone costs no look at the clock.
    #[inline]
    pub(crate) fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == ROW - 2 {
            self.began = Some(Instant::now());
        }
    }

    /// Whether there may be one more.
    #[inline]
    pub(crate) fn goes_on(&mut self) -> bool {
        self.left > self.look_at || self.look()
    }

    #[inline(never)]
    fn look(&mut self) -> bool {
        self.look_at = self.look_at.saturating_sub(ROW - self.left);
        if self.began.is_some_and(|began| began.elapsed() > LONG) {
            self.left = 0;
        }
        self.left > 0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// How many there are in a row if each takes so long.
    async fn row(each: Duration) -> u32 {
        let (mut stint, mut count) = (Stint::new(), 0);
        while stint.goes_on() {
            stint.count();
            count += 1;
            tokio::time::advance(each).await;
        }
        count
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_of_long_ones_is_short() {
        let micros = [0, 1, 3, 10, 30, 1000].map(Duration::from_micros);
        let mut rows = Vec::new();
        for each in micros {
            rows.push(row(each).await);
        }
        assert_eq!(rows, [256, 32, 8, 4, 2, 2]);
    }
}
