//! **Trapezoidal Approximation** (parallelism): the area below a curve, as the sum of many small pieces that workers add up.
//!
//! The workers are a `Pool` behind one handle, and a request is a future: `try_join_all` asks them all at the same time.

use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::future::try_join_all;

/// An interval, cut into pieces.
#[derive(Clone, Copy, Debug)]
pub struct Trapezoid {
    /// How many pieces.
    pub pieces: usize,
    /// How many workers there are.
    pub workers: usize,
    /// Where it begins.
    pub left: f64,
    /// Where it ends.
    pub right: f64,
}

fn f(x: f64) -> f64 {
    let root = (1.0 + (2.0 * x).sqrt().exp()).sqrt();
    1.0 / (x + 1.0) * root * (x * x * x - 1.0).sin()
}

/// The area of `pieces` of this width.
fn area(left: f64, width: f64, pieces: usize) -> f64 {
    (0..pieces).fold(0.0, |area, piece| {
        let from = left + piece as f64 * width;
        area + 0.5 * (f(from) + f(from + width)) * width
    })
}

#[actor]
struct Worker;

#[actor]
impl Worker {
    pub(crate) fn area(&self, left: f64, width: f64, pieces: usize) -> f64 {
        area(left, width, pieces)
    }
}

impl Benchmark for Trapezoid {
    const TITLE: &'static str = "Trapezoidal Approximation";

    type Output = f64;

    fn at(scale: Scale) -> Self {
        let (pieces, workers) = scale.of((20_000, 5), (10_000_000, 100));
        Trapezoid { pieces, workers, left: 1.0, right: 5.0 }
    }

    async fn run(&self, how: &Spawn) -> Result<f64, CallError> {
        let workers = Pool::new(self.workers, |_| Worker).with(how.clone()).spawn();
        let (width, pieces) = ((self.right - self.left) / self.pieces as f64, self.pieces / self.workers);
        let left = |worker| self.left + (worker * pieces) as f64 * width;
        let areas = try_join_all((0..self.workers).map(|worker| workers.area(left(worker), width, pieces))).await?;
        Ok(areas.iter().sum())
    }

    fn check(&self, found: f64) -> Checked {
        equal("pieces that are left over", &(self.pieces % self.workers), &0)?;
        let expected = area(self.left, (self.right - self.left) / self.pieces as f64, self.pieces);
        ensure("the area is that of all pieces in a row", (found - expected).abs() < 1e-6)?;
        Ok(format!("the area is {found:.9}"))
    }
}
