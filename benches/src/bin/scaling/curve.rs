//! What is measured at several numbers, and how it may grow.

use bench_kit::fit;

/// Beyond what is allowed: for a logarithm, and for caches that what is many does not fit into.
const SLACK: f64 = 0.35;
/// A point is measured again until so many nanoseconds have gone into it, or so often.
const ENOUGH: f64 = 60e6;
const ROUNDS: [usize; 2] = [1, 15];

/// A picture in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Actors,
    Messages,
    Structure,
    Waiting,
}

impl Picture {
    pub(crate) const ALL: [Self; 4] = [Self::Actors, Self::Messages, Self::Structure, Self::Waiting];

    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Actors => "actors.svg",
            Self::Messages => "messages.svg",
            Self::Structure => "structure.svg",
            Self::Waiting => "waiting.svg",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Actors => "What each of many actors costs",
            Self::Messages => "What each message costs",
            Self::Structure => "What each of those costs that belong together",
            Self::Waiting => "What it costs that others wait",
        }
    }

    pub(crate) fn x(self) -> &'static str {
        match self {
            Self::Actors => "actors (n)",
            Self::Messages => "messages, room, or senders (n)",
            Self::Structure => "levels, children, watchers, members (n)",
            Self::Waiting => "parked messages, timers, calls (n)",
        }
    }

    pub(crate) fn y(self) -> &'static str {
        match self {
            Self::Actors => "ns for each actor",
            Self::Messages => "ns for each message",
            Self::Structure | Self::Waiting => "ns for each",
        }
    }
}

/// One of the figures of an experiment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) picture: Picture,
    /// With which power of n the cost of each may grow; 0, but for what has to look at all n each time.
    pub(crate) grows: f64,
}

/// Something that is done with n of something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Experiment {
    pub(crate) name: &'static str,
    /// What n is.
    pub(crate) n: &'static str,
    pub(crate) sizes: &'static [u32],
    pub(crate) figures: &'static [Figure],
    /// Nanoseconds of each figure, for each.
    pub(crate) run: fn(u32) -> Vec<f64>,
}

impl Experiment {
    pub(crate) fn curves(self, quick: bool) -> Vec<Curve> {
        let blank = |figure: &Figure| Curve {
            name: figure.name,
            picture: figure.picture,
            n: self.n,
            grows: figure.grows,
            points: Vec::new(),
        };
        let mut curves: Vec<_> = self.figures.iter().map(blank).collect();
        let most = self.sizes.iter().max().copied().unwrap_or(0);
        let limit = if quick && most > 1_000 { (most / 100).max(1_000) } else { most };
        for n in self.sizes.iter().copied().filter(|n| *n <= limit) {
            eprintln!("{}: {n}", self.name);
            for (curve, y) in curves.iter_mut().zip(self.point(n)) {
                curve.points.push((f64::from(n), y));
            }
        }
        curves
    }

    /// The medians of some rounds.
    fn point(self, n: u32) -> Vec<f64> {
        let mut rounds: Vec<Vec<f64>> = Vec::new();
        let mut spent = 0.0;
        while rounds.len() < ROUNDS[0] || (spent < ENOUGH && rounds.len() < ROUNDS[1]) {
            let round = (self.run)(n);
            // Even what is measured to be nothing takes a little.
            spent += round.iter().sum::<f64>() * f64::from(n) + 1e6;
            rounds.push(round);
        }
        let median = |figure: usize| {
            let mut all: Vec<f64> = rounds.iter().filter_map(|round| round.get(figure)).copied().collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        (0..self.figures.len()).map(median).collect()
    }
}

/// A figure at several n.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) picture: Picture,
    pub(crate) n: &'static str,
    grows: f64,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Curve {
    pub(crate) fn exponent(&self) -> Option<f64> {
        fit::exponent(&self.points)
    }

    pub(crate) fn limit(&self) -> f64 {
        self.grows + SLACK
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<String> {
        let exponent = self.exponent()?;
        let Curve { name, n, .. } = self;
        (exponent > self.limit()).then(|| format!("{name}: each grows with the {exponent:.2}th power of {n}"))
    }
}
