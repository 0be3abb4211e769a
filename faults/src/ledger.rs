//! What callers were told of each message, against what the server has done.

use crate::Fallible;
use crate::told::Told;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// All messages of one caller.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    told: BTreeMap<(String, u64), (Told, Duration)>,
    items: u64,
    last: Option<Instant>,
    /// The longest time without an item of the stream.
    gap: Duration,
}

/// How many of one kind were told what, and how long the longest took.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub ok: u64,
    pub never: u64,
    pub unknown: u64,
    pub slowest: Duration,
}

impl Ledger {
    /// # Errors
    /// If it was told before.
    pub(crate) fn told(&mut self, kind: &str, id: u64, told: Told, took: Duration) -> Fallible {
        match self.told.insert((kind.to_owned(), id), (told, took)) {
            None => Ok(()),
            Some(_) => Err(format!("{kind} {id} was answered twice").into()),
        }
    }

    pub(crate) fn item(&mut self, when: Instant) {
        self.items += 1;
        if let Some(last) = self.last.replace(when) {
            self.gap = self.gap.max(when - last);
        }
    }

    pub(crate) fn items(&self) -> (u64, Duration) {
        (self.items, self.gap)
    }

    pub(crate) fn slowest(&self) -> Duration {
        self.told.values().map(|(_, took)| *took).max().unwrap_or_default()
    }

    pub(crate) fn count(&self, wanted: &str) -> Count {
        let mut count = Count::default();
        for ((kind, _), (told, took)) in &self.told {
            if kind == wanted {
                *match told {
                    Told::Ok => &mut count.ok,
                    Told::Never => &mut count.never,
                    Told::Unknown => &mut count.unknown,
                } += 1;
                count.slowest = count.slowest.max(*took);
            }
        }
        count
    }

    /// What the log says against what was told. So many tells may be lost that had a receipt.
    pub(crate) fn against(&self, log: &str, lost: usize) -> Vec<String> {
        let ran = count(log);
        let mut missing = 0;
        let mut wrongs = Vec::new();
        for ((kind, id), (told, _)) in &self.told {
            let times = ran.get(&(kind.as_str(), *id)).copied().unwrap_or_default();
            if kind == "tell" && *told == Told::Ok && times == 0 {
                missing += 1;
                if missing <= lost {
                    continue;
                }
            }
            wrongs.extend(wrong(kind, *id, *told, times));
        }
        wrongs
    }
}

/// How often each has run, in a log of lines such as `tell 17`.
fn count(log: &str) -> HashMap<(&str, u64), u32> {
    let mut ran = HashMap::new();
    for (kind, id) in log.lines().filter_map(|line| line.split_once(' ')) {
        if let Ok(id) = id.parse() {
            *ran.entry((kind, id)).or_default() += 1;
        }
    }
    ran
}

fn wrong(kind: &str, id: u64, told: Told, times: u32) -> Option<String> {
    let is_right = match told {
        Told::Ok => times == 1,
        Told::Never => times == 0,
        Told::Unknown => times <= 1,
    };
    (!is_right).then(|| format!("{kind} {id} was told `{told}` and ran {times} times"))
}

/// Of one message.
pub(crate) fn contradiction(log: &str, kind: &str, id: u64, told: Told) -> Option<String> {
    let times = count(log).get(&(kind, id)).copied().unwrap_or_default();
    wrong(kind, id, told, times)
}
