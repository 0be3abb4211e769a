//! What callers were told of each message, against what the server has done.

use crate::Told;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// All messages of one caller.
#[derive(Debug, Default)]
pub struct Ledger {
    told: BTreeMap<(String, u64), (Told, Duration)>,
    items: u64,
    last: Option<Instant>,
    /// The longest time without an item of the stream.
    gap: Duration,
}

/// How many of one kind were told what, and how long the longest took.
#[derive(Debug, Default)]
pub struct Count {
    /// Were answered.
    pub ok: u64,
    /// Never ran.
    pub never: u64,
    /// May have run.
    pub unknown: u64,
    /// How long the longest took.
    pub slowest: Duration,
}

impl Ledger {
    /// What the caller of this message was told, after this time.
    ///
    /// # Errors
    /// If it was told before.
    pub fn told(&mut self, kind: &str, id: u64, told: Told, took: Duration) -> Result<(), String> {
        match self.told.insert((kind.to_owned(), id), (told, took)) {
            None => Ok(()),
            Some(_) => Err(format!("{kind} {id} was answered twice")),
        }
    }

    /// An item of the stream came.
    pub fn item(&mut self, when: Instant) {
        self.items += 1;
        if let Some(last) = self.last.replace(when) {
            self.gap = self.gap.max(when - last);
        }
    }

    /// How many came, and the longest time without one.
    #[must_use]
    pub fn items(&self) -> (u64, Duration) {
        (self.items, self.gap)
    }

    /// The longest of all.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        self.told.values().map(|(_, took)| *took).max().unwrap_or_default()
    }

    /// Those of this kind.
    #[must_use]
    pub fn count(&self, wanted: &str) -> Count {
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

    /// Where the log, with lines such as `tell 17`, contradicts what was told. So many tells may be lost that had a receipt.
    #[must_use]
    pub fn against(&self, log: &str, lost: usize) -> Vec<String> {
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

/// The same of one message.
#[must_use]
pub fn contradiction(log: &str, kind: &str, id: u64, told: Told) -> Option<String> {
    let times = count(log).get(&(kind, id)).copied().unwrap_or_default();
    wrong(kind, id, told, times)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_found() {
        let mut ledger = Ledger::default();
        for (id, told) in [(1, Told::Ok), (2, Told::Never), (3, Told::Unknown), (4, Told::Unknown)] {
            ledger.told("call", id, told, Duration::ZERO).unwrap();
        }
        ledger.told("tell", 5, Told::Ok, Duration::ZERO).unwrap();
        assert_eq!(ledger.against("call 1\ncall 3\ntell 5\n", 0), Vec::<String>::new());
        for wrong in ["call 3\ntell 5\n", "call 1\ncall 1\ntell 5\n", "call 1\ncall 2\ntell 5\n"] {
            assert_eq!(ledger.against(wrong, 0).len(), 1, "{wrong}");
        }
        assert_eq!(ledger.against("call 1\ncall 3\ncall 3\ntell 5\n", 0).len(), 1);
        // One that had a receipt, and was not run.
        assert_eq!(ledger.against("call 1\n", 0).len(), 1);
        assert_eq!(ledger.against("call 1\n", 1).len(), 0);
        assert!(ledger.told("call", 1, Told::Never, Duration::ZERO).is_err());
    }
}
