//! **Logistic Map Series** (concurrency): workers compute series, and ask another actor for each next term.
//!
//! The suite uses it to compare ways to wait for a reply within a handler, such as to stash what comes meanwhile. Here the handler waits, and what
//! comes stays where it is.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;

/// Series with the same increments of start and rate.
#[derive(Clone, Copy, Debug)]
pub struct LogisticMap {
    /// How many series there are.
    pub series: usize,
    /// How many terms each of them has.
    pub terms: usize,
    /// The rate of the first.
    pub rate: f64,
    /// How much more it is for the next.
    pub increment: f64,
}

#[actor]
struct Computer {
    rate: f64,
}

#[actor]
impl Computer {
    pub(crate) fn after(&self, term: f64) -> f64 {
        next(term, self.rate)
    }
}

fn next(term: f64, rate: f64) -> f64 {
    rate * term * (1.0 - term)
}

#[actor]
struct Series {
    term: f64,
    computer: ComputerHandle,
}

#[actor]
impl Series {
    /// Told, not asked: so who fails says so by its end.
    #[message(fatal)]
    pub(crate) async fn advance(&mut self) -> Result<(), CallError> {
        self.term = self.computer.after(self.term).await?;
        Ok(())
    }

    pub(crate) fn term(&self) -> f64 {
        self.term
    }
}

impl LogisticMap {
    /// The rate and the first term of each series.
    fn starts(&self) -> impl Iterator<Item = (f64, f64)> {
        (0..self.series).map(|n| n as f64 * self.increment).map(|start| (self.rate + start, start))
    }
}

impl Benchmark for LogisticMap {
    const TITLE: &'static str = "Logistic Map Series";

    type Output = Vec<f64>;

    fn at(scale: Scale) -> Self {
        let (series, terms) = scale.of((4, 300), (10, 25_000));
        LogisticMap { series, terms, rate: 3.46, increment: 0.0025 }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<f64>, CallError> {
        let series: Vec<_> = self
            .starts()
            .map(|(rate, term)| {
                let computer = Computer { rate }.spawn_with(how.clone());
                Series { term, computer }.spawn_with(how.clone())
            })
            .collect();
        for _ in 0..self.terms {
            for one in &series {
                one.advance().tell().await?;
            }
        }
        try_join_all(series.iter().map(SeriesHandle::term)).await
    }

    fn check(&self, terms: Vec<f64>) -> Checked {
        let last = |(rate, start)| (0..self.terms).fold(start, |term, _| next(term, rate));
        equal("the last terms", &terms, &self.starts().map(last).collect())?;
        Ok(format!("the last terms sum up to {:.6}", terms.iter().sum::<f64>()))
    }
}
