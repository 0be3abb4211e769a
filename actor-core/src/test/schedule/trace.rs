//! What happened in a run, step by step.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Who takes part in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Something that the schedule does not own: a timer, a stream, another thread.
    #[default]
    Nobody,
    /// The body of the test.
    Test,
    /// One that was [spawned](super::spawn), or a stream that runs beside its actor.
    Task(u32),
    Actor(u64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    step: u32,
    at: Duration,
    who: Who,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It was polled, and nothing that is known of happened.
    GoesOn,
    Spawned,
    Handles {
        message: &'static str,
        from: Who,
        direct: bool,
    },
    TimedOut {
        message: &'static str,
        of: Who,
    },
    Told {
        what: &'static str,
        by: Who,
    },
    Fell(String),
    Ended(String),
    /// Though others could run.
    TimeLeaps,
    Panicked(String),
}

/// What happened in a run of a [`Schedule`](super::Schedule), step by step; its `Display` is a line for each event.
///
/// ```text
///   step       time  who         what
///     12     0.000s  ann         handles `deposit`, called by the test itself
///     13     0.000s  Bank#2      handles `note`, sent by ann
///     14     0.050s  the test    gives `close` of Bank#2 up
/// ```
/// A step is one turn of one participant; what it did without the library is not known, and a turn of which nothing is known `goes on`. The
/// time is virtual and counts from the beginning of the run. Actors have their names, or their kind and number, which is that within the
/// run.
///
/// Two runs with equal traces were the same as far as the schedule can see.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trace {
    events: Vec<Event>,
    labels: BTreeMap<Who, Arc<str>>,
}

impl Trace {
    pub(super) fn note(&mut self, step: u32, at: Duration, who: Who, what: What) {
        self.events.push(Event { step, at, who, what });
    }

    pub(super) fn label(&mut self, who: Who, label: Arc<str>) {
        self.labels.insert(who, label);
    }

    /// What somebody is called.
    pub(super) fn name(&self, who: Who) -> String {
        match (who, self.labels.get(&who)) {
            (_, Some(label)) => label.to_string(),
            (Who::Nobody, None) => "nobody".to_owned(),
            (Who::Test, None) => "the test".to_owned(),
            (Who::Task(number), None) => format!("task {number}"),
            (Who::Actor(number), None) => format!("#{number}"),
        }
    }

    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The last `count` events.
    #[must_use]
    pub fn last(&self, count: usize) -> Trace {
        let from = self.events.len().saturating_sub(count);
        Trace { events: self.events[from..].to_vec(), labels: self.labels.clone() }
    }

    /// The first event that is another one in `other`, as both have it.
    pub(super) fn parts_from(&self, other: &Trace) -> Option<(String, String)> {
        let line = |trace: &Trace, at: usize| match trace.events.get(at) {
            Some(event) => trace.line(event, 0).trim().to_owned(),
            None => "the run is over".to_owned(),
        };
        let len = self.events.len().max(other.events.len());
        (0..len).map(|at| (line(self, at), line(other, at))).find(|(one, two)| one != two)
    }

    fn line(&self, Event { step, at, who, what }: &Event, width: usize) -> String {
        let name = if *what == What::TimeLeaps { "time".to_owned() } else { self.name(*who) };
        let at = format!("{:.3}s", at.as_secs_f64());
        format!("{step:>6} {at:>10}  {name:width$}  {}", self.says(what))
    }

    fn says(&self, what: &What) -> String {
        let by = |who: Who| self.name(who);
        match what {
            What::GoesOn => "goes on".to_owned(),
            What::Spawned => "is there".to_owned(),
            What::Handles { message, from: Who::Nobody, .. } => {
                format!("handles `{message}`, sent by nobody")
            }
            What::Handles { message, from, direct: false } => {
                format!("handles `{message}`, sent by {}", by(*from))
            }
            What::Handles { message, from, direct: true } => {
                format!("handles `{message}`, called by {} itself", by(*from))
            }
            What::TimedOut { message, of } => format!("gives `{message}` of {} up", by(*of)),
            What::Told { what, by: who } => format!("is told to {what} by {}", by(*who)),
            What::Fell(reason) => format!("falls: {reason}"),
            What::Ended(reason) => format!("has ended: {reason}"),
            What::TimeLeaps => "goes on, though others could".to_owned(),
            What::Panicked(text) => format!("panics: {text}"),
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.events.iter().map(|event| self.name(event.who).len()).max().unwrap_or(0).min(40);
        writeln!(f, "{:>6} {:>10}  {:width$}  what", "step", "time", "who")?;
        self.events.iter().try_for_each(|event| writeln!(f, "{}", self.line(event, width)))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
