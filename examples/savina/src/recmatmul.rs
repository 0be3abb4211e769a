//! **Recursive Matrix Multiplication** (parallelism): a product of matrices is the sum of the products of their quarters, and so on.
//!
//! A worker of a `Pool` computes a product that is small enough, and cuts up one that is not: then its reply is eight smaller ones.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::sync::Arc;

/// Two square matrices, and workers.
#[derive(Clone, Copy, Debug)]
pub struct MatrixMultiplication {
    /// How many rows and columns they have; a power of two.
    pub size: usize,
    /// How large a product a worker computes.
    pub small: usize,
    /// How many workers there are.
    pub workers: usize,
}

pub(crate) struct Matrices {
    size: usize,
    a: Vec<u64>,
    b: Vec<u64>,
}

/// A part of the product of a part of each: where they begin, and how large they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    row: usize,
    inner: usize,
    column: usize,
    size: usize,
}

pub(crate) enum Done {
    /// Row by row, to be added to what is there.
    Product(Part, Vec<u64>),
    Cut([Part; 8]),
}

impl Part {
    fn cut(self) -> [Part; 8] {
        let size = self.size / 2;
        std::array::from_fn(|n| Part {
            row: self.row + (n & 1) * size,
            inner: self.inner + (n >> 1 & 1) * size,
            column: self.column + (n >> 2) * size,
            size,
        })
    }

    fn product(self, of: &Matrices) -> Vec<u64> {
        let mut product = vec![0; self.size * self.size];
        for (row, line) in (self.row..).zip(product.chunks_mut(self.size)) {
            for inner in self.inner..self.inner + self.size {
                let factor = of.a[row * of.size + inner];
                let other = &of.b[inner * of.size + self.column..][..self.size];
                line.iter_mut().zip(other).for_each(|(sum, other)| *sum += factor * other);
            }
        }
        product
    }
}

#[actor]
struct Worker {
    matrices: Arc<Matrices>,
    small: usize,
}

#[actor]
impl Worker {
    pub(crate) fn multiply(&self, part: Part) -> Done {
        if part.size > self.small {
            Done::Cut(part.cut())
        } else {
            Done::Product(part, part.product(&self.matrices))
        }
    }
}

#[actor]
struct Multiplication {
    workers: WorkerHandle,
}

#[actor]
impl Multiplication {
    pub(crate) async fn product(&mut self, size: usize) -> Result<Vec<u64>, CallError> {
        let mut product = vec![0; size * size];
        let whole = Part { row: 0, inner: 0, column: 0, size };
        let mut parts = FuturesUnordered::from_iter([self.workers.multiply(whole)]);
        while let Some(done) = parts.next().await {
            match done? {
                Done::Cut(cut) => parts.extend(cut.map(|part| self.workers.multiply(part))),
                Done::Product(part, values) => {
                    for (row, line) in (part.row..).zip(values.chunks(part.size)) {
                        let sums = &mut product[row * size + part.column..][..part.size];
                        sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += value);
                    }
                }
            }
        }
        Ok(product)
    }
}

impl MatrixMultiplication {
    fn matrices(&self) -> Matrices {
        let mut random = Random::new(self.size as u64);
        let mut matrix = || (0..self.size * self.size).map(|_| random.next() % 100).collect();
        Matrices { size: self.size, a: matrix(), b: matrix() }
    }
}

impl Benchmark for MatrixMultiplication {
    const TITLE: &'static str = "Recursive Matrix Multiplication";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        MatrixMultiplication { size: scale.of(32, 1024), small: scale.of(8, 128), workers: scale.of(3, 20) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        let (matrices, small) = (Arc::new(self.matrices()), self.small);
        let make = move |_| Worker { matrices: Arc::clone(&matrices), small };
        let workers = Pool::new(self.workers, make).with(how.clone()).spawn();
        Multiplication { workers }.spawn_with(how.clone()).product(self.size).await.map_err(CallError::flatten)
    }

    fn check(&self, product: Vec<u64>) -> Checked {
        let whole = Part { row: 0, inner: 0, column: 0, size: self.size };
        ensure("the product is that of the whole matrices", product == whole.product(&self.matrices()))?;
        Ok(format!("the product's numbers sum up to {}", product.iter().sum::<u64>()))
    }
}
