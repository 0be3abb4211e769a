//! What a leaf does when its turn comes.

use super::{Model, Phase, Reason, Report, wants};
use crate::plan::{Trouble, What};

impl Model {
    /// All that it can do now.
    pub(super) fn run(&mut self, leaf: usize) {
        loop {
            let member = &mut self.members[leaf];
            match member.phase {
                Phase::Ended(_) => return,
                _ if member.killed => return self.end(leaf, Reason::Killed),
                Phase::Held(_) => return,
                Phase::Made(Some(Trouble::MakePanics)) if member.stopping => {
                    return self.end(leaf, Reason::Stopped);
                }
                Phase::Made(trouble) => self.started(leaf, trouble),
                Phase::Up if member.going_down => {
                    (member.going_down, member.cut_at) = (false, None);
                    member.phase = Phase::Down;
                    self.tell_above(leaf, Report::Down);
                }
                Phase::Up => {
                    let Some((call, what)) = member.queue.pop_front() else {
                        if member.stopping {
                            self.end(leaf, self.stopped(leaf, Reason::Stopped));
                        }
                        return;
                    };
                    if !self.is_left(call) {
                        self.handle(leaf, call, what);
                    }
                }
                _ if member.stopping => return self.end(leaf, Reason::Stopped),
                Phase::Ordered => match member.not_before.filter(|at| *at > self.now) {
                    Some(at) => member.phase = Phase::BacksOff(at),
                    None => {
                        let is_first = member.made == 0;
                        member.made += 1;
                        let trouble = member.trouble.map(|(_, what)| what);
                        member.trouble =
                            member.trouble.filter(|(left, _)| *left > 1).map(|(left, what)| (left - 1, what));
                        member.phase = Phase::Made(trouble);
                        if !is_first {
                            // One that falls again and again leaves others their turn.
                            return self.wake(leaf);
                        }
                    }
                },
                _ => return,
            }
        }
    }

    pub(super) fn started(&mut self, leaf: usize, trouble: Option<Trouble>) {
        match trouble {
            Some(Trouble::StartFails) => self.fell(leaf, Reason::Failed),
            Some(Trouble::StartPanics | Trouble::MakePanics) => self.fell(leaf, Reason::Panicked),
            None | Some(Trouble::StopFails | Trouble::StopPanics) => {
                self.members[leaf].phase = Phase::Up;
                self.members[leaf].stop_trouble = trouble;
                self.tell_above(leaf, Report::Up);
            }
        }
    }

    pub(super) fn handle(&mut self, leaf: usize, call: usize, what: What) {
        let member = &mut self.members[leaf];
        let answered = format!("answered by {}", member.made);
        match what {
            What::Add => self.tell(call, &answered),
            What::Hold => member.phase = Phase::Held(call),
            What::Panic => {
                self.tell(call, "interrupted, panicked");
                self.fell(leaf, Reason::Panicked);
            }
            What::Fail => {
                self.tell(call, &answered);
                self.fell_in_order(leaf, Reason::Failed);
            }
            What::Leave => {
                self.tell(call, &answered);
                self.fell_in_order(leaf, Reason::Stopped);
            }
            What::Last => {
                self.tell(call, &answered);
                self.end(leaf, Reason::Finished);
            }
        }
    }

    /// Its stop hook has run.
    pub(super) fn stopped(&self, leaf: usize, reason: Reason) -> Reason {
        match self.members[leaf].stop_trouble {
            Some(Trouble::StopPanics) => Reason::Panicked,
            Some(Trouble::StopFails) if reason.is_normal() => Reason::Failed,
            _ => reason,
        }
    }

    /// It ended by itself, and its stop hook runs. Whether it comes back does not depend on that.
    pub(super) fn fell_in_order(&mut self, leaf: usize, reason: Reason) {
        let member = &self.members[leaf];
        let is_final = member.stopping || !wants(member.policy.kind, reason);
        let reason = self.stopped(leaf, reason);
        if is_final { self.end(leaf, reason) } else { self.fell(leaf, reason) }
    }

    /// It ended by itself.
    pub(super) fn fell(&mut self, leaf: usize, reason: Reason) {
        let member = &mut self.members[leaf];
        if member.stopping || !wants(member.policy.kind, reason) {
            return self.end(leaf, reason);
        }
        member.phase = Phase::Down;
        let as_told = member.going_down;
        (member.going_down, member.cut_at) = (false, None);
        self.tell_above(leaf, if as_told { Report::Down } else { Report::Fell(reason) });
    }

    pub(super) fn end(&mut self, leaf: usize, reason: Reason) {
        let member = &mut self.members[leaf];
        let phase = std::mem::replace(&mut member.phase, Phase::Ended(reason));
        (member.kill_at, member.cut_at) = (None, None);
        let queue = std::mem::take(&mut member.queue);
        if let Phase::Held(call) = phase {
            self.answer(call, &format!("interrupted, {}", reason.name()));
        }
        queue.into_iter().for_each(|(call, _)| self.answer(call, "not running"));
        self.announce(leaf);
    }
}
