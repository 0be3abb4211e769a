//! What came of it all.

use std::fmt;

use actor_core::ExitReason;

use crate::results::End;

/// Counts that add up: each job is done, failed or left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// Done, failed; by an earlier run, by this one.
    before: [usize; 2],
    now: [usize; 2],
    /// Not taken.
    left: usize,
    /// Taken, and cut off.
    cut: usize,
    /// Why the workers ended, if they did so on their own.
    gave_up: Option<ExitReason>,
}

impl Summary {
    pub(crate) fn before(&mut self, end: End) {
        self.before[end as usize] += 1;
    }

    pub(crate) fn now(&mut self, end: End) {
        self.now[end as usize] += 1;
    }

    pub(crate) fn cut(&mut self) {
        self.cut += 1;
    }

    pub(crate) fn left(&mut self, jobs: usize) {
        self.left = jobs;
    }

    pub(crate) fn gave_up(&mut self, reason: ExitReason) {
        self.gave_up = Some(reason);
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self { left: 0, cut: 0, .. } => 0,
            Self { gave_up: Some(_), .. } => 5,
            Self { cut: 0, .. } => 3,
            _ => 4,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, now] = [self.before, self.now];
        let [done, failed] = [before[0] + now[0], before[1] + now[1]];
        let left = self.left + self.cut;
        write!(f, "{} jobs: {done} done, {failed} failed, {left} left", done + failed + left)?;
        if before != [0, 0] {
            write!(f, " ({} done and {} failed before)", before[0], before[1])?;
        }
        if self.cut > 0 {
            write!(f, "; {} cut off", self.cut)?;
        }
        match &self.gave_up {
            Some(reason) => write!(f, "; gave up: {reason}"),
            None => Ok(()),
        }
    }
}
