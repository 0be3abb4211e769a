//! **Precise Pi Computation** (parallelism): many digits, by the formula of Bailey, Borwein and Plouffe, whose terms workers compute.
//!
//! Requests are futures and so go into a stream: so many terms are in flight at a time, their replies come in order, and it ends with the first term
//! that is too small to count.

use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::future::ready;

/// Digits of pi.
#[derive(Clone, Copy, Debug)]
pub struct PrecisePi {
    /// How many, behind the point.
    pub digits: usize,
    /// How many workers there are.
    pub workers: usize,
}

/// A number that is not negative: whole, and 32 bits behind the point in each place after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed(Vec<u32>);

impl Fixed {
    /// `n` with `places` behind the point, moved to the right by `bits`.
    fn new(n: u32, places: usize, bits: usize) -> Self {
        let mut value = vec![0; places + 1];
        let wide = u64::from(n) << 32 >> (bits % 32);
        let parts = [(wide >> 32) as u32, wide as u32];
        value.iter_mut().skip(bits / 32).zip(parts).for_each(|(place, part)| *place = part);
        Fixed(value)
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|place| *place == 0)
    }

    fn divide(&mut self, by: u64) {
        self.0.iter_mut().fold(0u128, |rest, place| {
            let all = rest << 32 | u128::from(*place);
            *place = (all / u128::from(by)) as u32;
            all % u128::from(by)
        });
    }

    fn multiply(&mut self, by: u32) {
        self.0.iter_mut().rev().fold(0, |carry, place| {
            let all = u64::from(*place) * u64::from(by) + carry;
            *place = all as u32;
            all >> 32
        });
    }

    fn add(&mut self, other: &Fixed) {
        self.0.iter_mut().zip(&other.0).rev().fold(false, |carry, (place, other)| {
            let (sum, over) = place.overflowing_add(*other);
            let (sum, over_again) = sum.overflowing_add(carry.into());
            *place = sum;
            over | over_again
        });
    }

    fn subtract(&mut self, other: &Fixed) {
        self.0.iter_mut().zip(&other.0).rev().fold(false, |borrow, (place, other)| {
            let (rest, under) = place.overflowing_sub(*other);
            let (rest, under_again) = rest.overflowing_sub(borrow.into());
            *place = rest;
            under | under_again
        });
    }

    /// With so many behind the point.
    fn digits(mut self, digits: usize) -> String {
        let mut text = format!("{}.", self.0[0]);
        while text.len() < digits + 2 {
            self.0[0] = 0;
            self.multiply(1_000_000_000);
            text += &format!("{:09}", self.0[0]);
        }
        text.truncate(digits + 2);
        text
    }
}

/// What is added for `k`.
fn term(k: u32, places: usize) -> Fixed {
    let numerator = (120 * k + 151) * k + 47;
    let n = u64::from(k);
    let mut term = Fixed::new(numerator, places, 4 * k as usize);
    term.divide((((512 * n + 1024) * n + 712) * n + 194) * n + 15);
    term
}

#[actor]
struct Worker {
    places: usize,
}

#[actor]
impl Worker {
    pub(crate) fn term(&self, k: u32) -> Fixed {
        term(k, self.places)
    }
}

impl PrecisePi {
    /// With two to spare.
    fn places(&self) -> usize {
        (self.digits as f64 * 10f64.log2() / 32.0).ceil() as usize + 2
    }

    /// `factor` times the angle whose tangent is the inverse of `n`.
    fn angle(&self, factor: u32, n: u64) -> Fixed {
        let mut power = Fixed::new(factor, self.places(), 0);
        power.divide(n);
        let mut angle = power.clone();
        for k in 1.. {
            power.divide(n * n);
            let mut term = power.clone();
            term.divide(2 * k + 1);
            if term.is_zero() {
                break;
            }
            if k % 2 == 0 { angle.add(&term) } else { angle.subtract(&term) }
        }
        angle
    }
}

impl Benchmark for PrecisePi {
    const TITLE: &'static str = "Precise Pi Computation";

    type Output = Fixed;

    fn at(scale: Scale) -> Self {
        PrecisePi { digits: scale.of(200, 5000), workers: scale.of(3, 20) }
    }

    async fn run(&self, how: &Spawn) -> Result<Fixed, CallError> {
        let places = self.places();
        let workers = Pool::new(self.workers, move |_| Worker { places }).with(how.clone()).spawn();
        let terms = stream::iter(0..).map(|k| workers.term(k)).buffered(2 * self.workers);
        let terms = terms.try_take_while(|term| ready(Ok(!term.is_zero())));
        let none = Fixed::new(0, places, 0);
        let add = |mut sum: Fixed, term: Fixed| {
            sum.add(&term);
            ready(Ok(sum))
        };
        terms.try_fold(none, add).await
    }

    fn check(&self, pi: Fixed) -> Checked {
        let digits = pi.digits(self.digits);
        let known = "3.14159265358979323846264338327950288419716939937510";
        ensure("it begins as it should", digits.starts_with(&known[..known.len().min(digits.len())]))?;
        // By Machin.
        let mut expected = self.angle(16, 5);
        expected.subtract(&self.angle(4, 239));
        ensure("all digits are right", digits == expected.digits(self.digits))?;
        Ok(format!("the last digits are {}", &digits[digits.len().saturating_sub(10)..]))
    }
}
