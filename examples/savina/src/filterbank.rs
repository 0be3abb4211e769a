//! **Filter Bank** (parallelism): a signal goes through several channels, each with its delays and filters, and their outputs are added.
//!
//! Each stage is an actor whose reply is the stream of its samples; it reads that of the stage before. What is asked for at the end is asked for at
//! the beginning, a few samples ahead. A protocol makes all stages the same to who reads them.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::stream::{self, Stream};
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use std::sync::Arc;

/// A signal and channels.
#[derive(Clone, Copy, Debug)]
pub struct FilterBank {
    /// How many samples the signal has.
    pub samples: usize,
    /// How many channels it goes through.
    pub channels: usize,
    /// How many samples a filter looks at.
    pub columns: usize,
}

/// A stage may fail because one before it did.
type Sample = Result<f64, CallError>;

/// Whoever has samples. They are made beside the actor, which so has any number of readers.
#[actor]
trait Signal {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static;
}

/// What a stage reads.
fn read(input: &SignalHandle) -> impl Stream<Item = Sample> + Send + 'static {
    input.samples().start().try_flatten_stream().map(Result::flatten)
}

#[actor(protocols)]
struct Source {
    samples: usize,
}

impl Signal for Source {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static {
        stream::iter((0..self.samples).map(|n| Ok(signal(n))))
    }
}

#[actor(protocols)]
struct Delay {
    by: usize,
    input: SignalHandle,
}

impl Signal for Delay {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static {
        let (mut kept, mut at) = (vec![0.0; self.by], 0);
        read(&self.input).map_ok(move |sample| {
            at = (at + 1) % kept.len();
            std::mem::replace(&mut kept[at], sample)
        })
    }
}

/// A filter with a finite answer to a pulse.
#[actor(protocols)]
struct Fir {
    coefficients: Arc<[f64]>,
    input: SignalHandle,
}

impl Signal for Fir {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static {
        let coefficients = Arc::clone(&self.coefficients);
        let (mut kept, mut count) = (vec![0.0; coefficients.len()], 0);
        read(&self.input).map_ok(move |sample| {
            let at = count % kept.len();
            kept[at] = sample;
            count += 1;
            // From the newest to the oldest.
            let (new, old) = kept.split_at(at + 1);
            new.iter().rev().chain(old.iter().rev()).zip(coefficients.iter()).map(|(one, other)| one * other).sum()
        })
    }
}

/// Lets one sample of `rate` pass, and makes the others nothing.
#[actor(protocols)]
struct Sampler {
    rate: usize,
    input: SignalHandle,
}

impl Signal for Sampler {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static {
        let rate = self.rate;
        let numbered = read(&self.input).enumerate();
        numbered.map(move |(n, sample)| sample.map(|sample| if n % rate == 0 { sample } else { 0.0 }))
    }
}

/// Adds what comes out of the channels at the same time.
#[actor(protocols)]
struct Sum {
    channels: Vec<SignalHandle>,
}

impl Signal for Sum {
    fn samples(&self) -> impl Stream<Item = Sample> + Send + 'static {
        let nothing = stream::repeat_with(|| Ok(0.0)).boxed();
        self.channels.iter().fold(nothing, |sum, channel| {
            sum.zip(read(channel)).map(|(sum, sample)| Ok(sum? + sample?)).boxed()
        })
    }
}

fn signal(n: usize) -> f64 {
    (n % 1000) as f64
}

impl FilterBank {
    /// Those of a channel's first and second filter.
    fn coefficients(&self, channel: usize) -> [Arc<[f64]>; 2] {
        let filter = |shift: usize| {
            (0..self.columns).map(|n| ((n * (channel + 1) + shift) as f64).sin() / (n + 1) as f64).collect()
        };
        [filter(0), filter(channel + 1)]
    }

    /// The same, all of it at once.
    fn expected(&self) -> Vec<f64> {
        let delay = |samples: Vec<f64>| -> Vec<_> {
            let nothing = std::iter::repeat_n(0.0, self.columns - 1);
            nothing.chain(samples).take(self.samples).collect()
        };
        let filter = |samples: Vec<f64>, coefficients: &[f64]| -> Vec<_> {
            let at = |n: usize| {
                let window = (0..coefficients.len().min(n + 1)).map(|back| samples[n - back] * coefficients[back]);
                window.sum::<f64>()
            };
            (0..samples.len()).map(at).collect()
        };
        let mut sums = vec![0.0; self.samples];
        for channel in 0..self.channels {
            let [first, second] = self.coefficients(channel);
            let mut samples = filter(delay((0..self.samples).map(signal).collect()), &first);
            samples.iter_mut().enumerate().filter(|(n, _)| n % self.columns != 0).for_each(|(_, sample)| *sample = 0.0);
            let samples = filter(delay(samples), &second);
            sums.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += sample);
        }
        sums
    }
}

impl Benchmark for FilterBank {
    const TITLE: &'static str = "Filter Bank";

    type Output = Vec<f64>;

    fn at(scale: Scale) -> Self {
        FilterBank { samples: scale.of(200, 34_816), channels: scale.of(3, 8), columns: scale.of(16, 16_384) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<f64>, CallError> {
        let by = self.columns - 1;
        let source = SignalHandle::from(Source { samples: self.samples }.spawn_with(how.clone()));
        let channels = (0..self.channels).map(|channel| {
            let [first, second] = self.coefficients(channel);
            let input = Delay { by, input: source.clone() }.spawn_with(how.clone()).into();
            let input = Fir { coefficients: first, input }.spawn_with(how.clone()).into();
            let input = Sampler { rate: self.columns, input }.spawn_with(how.clone()).into();
            let input = Delay { by, input }.spawn_with(how.clone()).into();
            Fir { coefficients: second, input }.spawn_with(how.clone()).into()
        });
        let sum = Sum { channels: channels.collect() }.spawn_with(how.clone());
        read(&sum.into()).try_collect().await
    }

    fn check(&self, samples: Vec<f64>) -> Checked {
        let expected = self.expected();
        equal("how many samples came out", &samples.len(), &expected.len())?;
        let differs = |(one, other): (&f64, &f64)| (one - other).abs() > 1e-6 * (1.0 + other.abs());
        equal("samples that are wrong", &samples.iter().zip(&expected).filter(|pair| differs(*pair)).count(), &0)?;
        Ok(format!("{} samples that sum up to {:.3}", samples.len(), samples.iter().sum::<f64>()))
    }
}
