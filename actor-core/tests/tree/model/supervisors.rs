//! What a supervisor does with what it hears.

use super::{Event, Group, Judge, Model, Mood, Phase, Reason, Report, Seat, wants};
use crate::plan::{Along, GRACE, Kind, Policy};

impl Model {
    pub(super) fn hear(&mut self, group: usize, event: Event) {
        match event {
            Event::Add(child) if matches!(self.members[child].phase, Phase::Ended(_)) => {}
            Event::Add(child) => self.group_of(group).seats.push(child),
            Event::Report(child, report) => {
                if self.group_of(group).seats.contains(&child) {
                    self.hear_of(group, child, report);
                }
            }
            Event::Up(Some(at)) if at > self.now => return self.members[group].phase = Phase::BacksOff(at),
            Event::Up(_) => return self.rise(group),
            Event::Down => {
                if let Phase::BacksOff(_) = self.members[group].phase {
                    self.members[group].phase = Phase::Up;
                    return self.tell_above(group, Report::Down);
                }
                self.fall(group, None);
            }
            Event::Over(reason) => self.end_group(group, reason),
        }
        self.go_on(group);
    }

    pub(super) fn rise(&mut self, tree: usize) {
        self.members[tree].phase = Phase::Up;
        let group = self.group_of(tree);
        (group.judge, group.mood, group.rises) = (Judge::default(), Mood::Running, true);
        for child in group.seats.clone() {
            self.members[child].judge = Judge::default();
            self.members[child].not_before = None;
        }
        self.go_on(tree);
    }

    pub(super) fn hear_of(&mut self, above: usize, child: usize, report: Report) {
        let is_running = self.group_of(above).mood == Mood::Running;
        let now = self.now;
        let member = &mut self.members[child];
        let reason = match report {
            Report::Up => {
                if member.seat == Seat::Starting {
                    member.seat = Seat::Up;
                }
                return;
            }
            Report::Down => return member.seat = Seat::Down,
            Report::Fell(reason) => reason,
        };
        let is_alone = member.seat != Seat::Stopping && !member.stale && is_running;
        member.seat = Seat::Down;
        if !wants(member.policy.kind, reason) {
            self.post(child, Event::Over(reason));
            return;
        }
        if !is_alone {
            return;
        }
        let Policy { limit, backoff, .. } = member.policy;
        let own = member.judge.judge(now, limit, backoff);
        let group = self.group_of(above);
        match own.and_then(|at| group.judge.judge(now, group.limit, None).map(|_| at)) {
            Ok(at) => {
                self.members[child].not_before = at;
                self.take_along(above, child);
            }
            Err(()) if self.members[above].above.is_none() => self.end_group(above, Reason::Failed),
            Err(()) => self.fall(above, Some(Reason::Failed)),
        }
    }

    pub(super) fn take_along(&mut self, above: usize, fallen: usize) {
        let Group { strategy, seats, .. } = self.group_of(above);
        let along: Vec<usize> = match strategy {
            Along::OneForOne => Vec::new(),
            Along::OneForAll => seats.clone(),
            Along::RestForOne => seats.iter().copied().skip_while(|seat| *seat != fallen).collect(),
        };
        for child in along {
            self.members[child].stale = self.members[child].seat != Seat::Down;
        }
    }

    /// All go down.
    pub(super) fn fall(&mut self, tree: usize, reason: Option<Reason>) {
        let group = self.group_of(tree);
        if group.mood == Mood::Running {
            group.mood = Mood::Falling(reason);
        }
        group.rises = false;
        for child in group.seats.clone() {
            self.members[child].stale = self.members[child].seat != Seat::Down;
        }
    }

    /// Down first, the last one first; then up, the first one first.
    pub(super) fn go_on(&mut self, tree: usize) {
        if self.is_over(tree) {
            return;
        }
        loop {
            let seats = self.group_of(tree).seats.clone();
            if seats.iter().any(|child| self.members[*child].seat == Seat::Stopping) {
                return;
            }
            let Some(&child) = seats.iter().rev().find(|child| self.members[**child].stale) else { break };
            self.members[child].stale = false;
            if matches!(self.members[child].seat, Seat::Up | Seat::Starting) {
                self.down(child);
            }
        }
        let group = self.group_of(tree);
        match group.mood {
            Mood::Down => {}
            Mood::Falling(reason) => {
                group.mood = Mood::Down;
                self.tell_above(tree, reason.map_or(Report::Down, Report::Fell));
            }
            Mood::Running => self.start(tree),
        }
    }

    pub(super) fn start(&mut self, tree: usize) {
        let group = self.group_of(tree);
        let is_alone = group.strategy == Along::OneForOne;
        let seats = group.seats.clone();
        for child in &seats {
            let member = &mut self.members[*child];
            if member.seat == Seat::Down {
                member.seat = Seat::Starting;
                let at = member.not_before;
                if member.group.is_some() {
                    self.post(*child, Event::Up(at));
                } else if member.phase == Phase::Down {
                    member.phase = Phase::Ordered;
                    self.wake(*child);
                }
            }
            if self.members[*child].seat == Seat::Starting && !is_alone {
                break;
            }
        }
        let is_up = seats.iter().all(|child| self.members[*child].seat == Seat::Up);
        let group = self.group_of(tree);
        if group.rises && is_up {
            group.rises = false;
            self.tell_above(tree, Report::Up);
        }
    }

    pub(super) fn down(&mut self, child: usize) {
        let cut_at = self.now + 1_000 * GRACE;
        let member = &mut self.members[child];
        member.seat = Seat::Stopping;
        if member.policy.kind == Kind::Temporary {
            return self.stop(child, Some(GRACE));
        }
        if member.group.is_some() {
            self.post(child, Event::Down);
            return;
        }
        match member.phase {
            Phase::Ordered | Phase::BacksOff(_) => (member.phase, member.seat) = (Phase::Down, Seat::Down),
            Phase::Made(_) | Phase::Up | Phase::Held(_) if !member.stopping => {
                (member.going_down, member.cut_at) = (true, Some(cut_at));
                self.wake(child);
            }
            _ => {}
        }
    }
}
