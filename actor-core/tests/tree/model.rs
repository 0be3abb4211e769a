//! The story as it must be: what leaves and supervisors do, without waiting for anybody. Whoever has something to do stands in one line, and
//! does all of it when its turn comes, as tasks do on a single thread.

use crate::plan::{Along, GRACE, Kind, Limit, Plan, Policy, Step, Trouble, What};
use std::collections::VecDeque;
use std::time::Duration;

/// What one who left was told.
pub(crate) const LEFT: &str = "left";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Stopped,
    Finished,
    Killed,
    Panicked,
    Failed,
}

impl Reason {
    fn is_normal(self) -> bool {
        matches!(self, Reason::Stopped | Reason::Finished)
    }

    fn name(self) -> &'static str {
        match self {
            Reason::Stopped => "stopped",
            Reason::Finished => "finished",
            Reason::Killed => "killed",
            Reason::Panicked => "panicked",
            Reason::Failed => "failed",
        }
    }
}

fn wants(kind: Kind, reason: Reason) -> bool {
    match kind {
        Kind::Permanent => true,
        Kind::Transient => !reason.is_normal(),
        Kind::Temporary => false,
    }
}

/// Where one is, as its supervisor sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seat {
    Down,
    Starting,
    Up,
    Stopping,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Down,
    /// It is to be made when its turn comes.
    Ordered,
    BacksOff(u64),
    /// Made anew, or not quite; it goes on when its turn comes again.
    Made(Option<Trouble>),
    Up,
    /// In a handler, for this call.
    Held(usize),
    /// A group that is over but for its children.
    Burying(Reason),
    Ended(Reason),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Running,
    Falling(Option<Reason>),
    Down,
}

#[derive(Default)]
struct Judge {
    restarts: Vec<u64>,
    row: u32,
    back: Option<u64>,
}

impl Judge {
    /// When it may be made anew, or that it fell too often.
    fn judge(
        &mut self,
        now: u64,
        Limit(most, within): Limit,
        backoff: Option<u64>,
    ) -> Result<Option<u64>, ()> {
        self.restarts.retain(|at| now - at <= within * 1_000);
        if self.restarts.len() >= most as usize {
            return Err(());
        }
        self.restarts.push(now);
        let Some(first) = backoff else { return Ok(None) };
        let (first, longest) = (1_000 * first, 4_000 * first);
        if self.back.is_some_and(|back| now.saturating_sub(back) >= longest) {
            self.row = 0;
        }
        let back = now + longest.min(first << self.row.min(2));
        self.row += 1;
        self.back = Some(back);
        Ok(Some(back))
    }
}

struct Member {
    above: Option<usize>,
    policy: Policy,
    phase: Phase,
    seat: Seat,
    stale: bool,
    not_before: Option<u64>,
    judge: Judge,
    stopping: bool,
    killed: bool,
    /// Killed with a supervisor that gave up.
    swept: bool,
    // Of a leaf.
    made: u32,
    trouble: Option<(u32, Trouble)>,
    /// Of the incarnation that lives.
    stop_trouble: Option<Trouble>,
    queue: VecDeque<(usize, What)>,
    going_down: bool,
    kill_at: Option<u64>,
    cut_at: Option<u64>,
    group: Option<Group>,
}

struct Group {
    strategy: Along,
    limit: Limit,
    judge: Judge,
    mood: Mood,
    rises: bool,
    inbox: VecDeque<Event>,
    /// Children that have ended, which is heard of first.
    exits: VecDeque<usize>,
    seats: Vec<usize>,
    /// In the order that they were made; those who have ended, too.
    children: Vec<usize>,
    /// The child whose end is waited for.
    buries: Option<usize>,
}

struct Call {
    leaf: usize,
    told: Option<String>,
    deadline: Option<u64>,
}

#[derive(Clone, Copy)]
enum Report {
    Up,
    Fell(Reason),
    Down,
}

#[derive(Clone, Copy)]
enum Event {
    Add(usize),
    Report(usize, Report),
    // From above.
    Up(Option<u64>),
    Down,
    Over(Reason),
}

#[derive(Default)]
pub(crate) struct Model {
    members: Vec<Member>,
    calls: Vec<Call>,
    /// Whoever has something to do.
    line: VecDeque<usize>,
    /// Whose turn it is, and whether it goes back to the end of the line.
    turn: Option<usize>,
    again: bool,
    /// In ms. When everything has settled, one goes by.
    now: u64,
    /// How many seconds the story has waited.
    waited: u64,
}

// What happens to it.
impl Model {
    pub(crate) fn plant(&mut self, above: Option<usize>, plan: &Plan) {
        let place = self.members.len();
        let (policy, group) = match plan {
            Plan::Leaf(policy) => (*policy, None),
            Plan::Group(policy, strategy, limit, _) => {
                let group = Group {
                    strategy: *strategy,
                    limit: *limit,
                    judge: Judge::default(),
                    mood: if above.is_some() { Mood::Down } else { Mood::Running },
                    rises: false,
                    inbox: VecDeque::new(),
                    exits: VecDeque::new(),
                    seats: Vec::new(),
                    children: Vec::new(),
                    buries: None,
                };
                (*policy, Some(group))
            }
        };
        self.members.push(Member {
            above,
            policy,
            phase: if group.is_some() { Phase::Up } else { Phase::Down },
            seat: Seat::Down,
            stale: false,
            not_before: None,
            judge: Judge::default(),
            stopping: false,
            killed: false,
            swept: false,
            made: 0,
            trouble: None,
            stop_trouble: None,
            queue: VecDeque::new(),
            going_down: false,
            kill_at: None,
            cut_at: None,
            group,
        });
        if let Some(above) = above {
            self.group_of(above).children.push(place);
            if !self.post(above, Event::Add(place)) {
                self.stop(place, None);
            }
        }
        if let Plan::Group(_, _, _, children) = plan {
            for child in children {
                self.plant(Some(place), child);
            }
        }
    }

    pub(crate) fn call(&mut self, leaf: usize, what: What, limit: Option<Duration>) {
        let call = self.calls.len();
        let deadline = limit.map(|limit| self.now + millis(limit));
        self.calls.push(Call { leaf, told: None, deadline });
        let member = &mut self.members[leaf];
        if member.stopping || matches!(member.phase, Phase::Ended(_)) {
            return self.tell(call, "not running");
        }
        member.queue.push_back((call, what));
        self.wake(leaf);
    }

    /// If it has not begun, it never runs.
    pub(crate) fn leave(&mut self, call: usize) {
        self.tell(call, LEFT);
    }

    /// Whether a handler was held.
    pub(crate) fn release(&mut self, leaf: usize) -> bool {
        let member = &mut self.members[leaf];
        let Phase::Held(call) = member.phase else { return false };
        let number = member.made;
        member.phase = Phase::Up;
        self.answer(call, &format!("answered by {number}"));
        self.wake(leaf);
        true
    }

    pub(crate) fn trouble(&mut self, leaf: usize, times: u32, what: Trouble) {
        self.members.iter_mut().for_each(|member| member.trouble = None);
        self.members[leaf].trouble = Some((times, what));
    }

    pub(crate) fn wait(&mut self, time: u64) {
        self.waited += time;
        self.pass(self.waited * 1_000);
    }

    /// Everything does what it can now.
    pub(crate) fn settle(&mut self) {
        self.take_turns();
        self.pass(self.now + 1);
    }

    fn pass(&mut self, until: u64) {
        while let Some(next) = self.next_due().filter(|next| *next <= until) {
            self.now = next;
            for place in 0..self.members.len() {
                self.let_come(place, next);
            }
            for call in 0..self.calls.len() {
                self.let_time_out(call, next);
            }
            self.take_turns();
        }
        self.now = self.now.max(until);
    }

    fn next_due(&self) -> Option<u64> {
        let of_members = self.members.iter().flat_map(|member| {
            let back = match member.phase {
                Phase::BacksOff(at) => Some(at),
                _ => None,
            };
            [back, member.kill_at, member.cut_at]
        });
        let of_calls = self.calls.iter().filter(|call| call.told.is_none()).map(|call| call.deadline);
        of_members.chain(of_calls).flatten().min()
    }

    fn let_time_out(&mut self, call: usize, time: u64) {
        let Call { leaf, told: None, deadline: Some(at) } = self.calls[call] else { return };
        if at == time {
            let is_running = self.members[leaf].phase == Phase::Held(call);
            self.tell(call, if is_running { "timed out, running" } else { "timed out, never ran" });
        }
    }

    /// What is due at this time.
    fn let_come(&mut self, place: usize, time: u64) {
        let member = &mut self.members[place];
        if member.phase == Phase::BacksOff(time) {
            if member.group.is_some() {
                return self.rise(place);
            }
            member.phase = Phase::Ordered;
            self.wake(place);
        } else if member.kill_at == Some(time) {
            member.kill_at = None;
            self.kill(place);
        } else if member.cut_at == Some(time) {
            member.cut_at = None;
            self.wake(place);
            if let Phase::Held(call) = self.members[place].phase {
                self.members[place].phase = Phase::Up;
                self.answer(call, "interrupted, killed");
            }
        }
    }

    fn take_turns(&mut self) {
        while let Some(next) = self.line.pop_front() {
            self.turn = Some(next);
            if self.members[next].group.is_some() {
                self.run_group(next);
            } else {
                self.run(next);
            }
            self.turn = None;
            if std::mem::take(&mut self.again) {
                self.line.push_back(next);
            }
        }
    }

    fn wake(&mut self, who: usize) {
        if self.turn == Some(who) {
            self.again = true;
        } else if !self.line.contains(&who) {
            self.line.push_back(who);
        }
    }

    /// Unless it ends.
    fn post(&mut self, group: usize, event: Event) -> bool {
        if self.members[group].stopping {
            return false;
        }
        self.group_of(group).inbox.push_back(event);
        self.wake(group);
        true
    }

    fn tell_above(&mut self, child: usize, report: Report) {
        if let Some(above) = self.members[child].above {
            self.post(above, Event::Report(child, report));
        }
    }

    /// It has ended.
    fn announce(&mut self, child: usize) {
        if let Some(above) = self.members[child].above {
            self.group_of(above).exits.push_back(child);
            self.wake(above);
        }
    }

    fn tell(&mut self, call: usize, what: &str) {
        assert!(self.calls[call].told.replace(what.to_owned()).is_none(), "told twice");
    }

    /// Unless the caller has left, or is out of time.
    fn answer(&mut self, call: usize, what: &str) {
        if !self.is_left(call) {
            self.tell(call, what);
        }
    }

    fn is_left(&self, call: usize) -> bool {
        self.calls[call].told.is_some()
    }
}

// Leaves.
impl Model {
    /// All that it can do now.
    fn run(&mut self, leaf: usize) {
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

    fn started(&mut self, leaf: usize, trouble: Option<Trouble>) {
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

    fn handle(&mut self, leaf: usize, call: usize, what: What) {
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
    fn stopped(&self, leaf: usize, reason: Reason) -> Reason {
        match self.members[leaf].stop_trouble {
            Some(Trouble::StopPanics) => Reason::Panicked,
            Some(Trouble::StopFails) if reason.is_normal() => Reason::Failed,
            _ => reason,
        }
    }

    /// It ended by itself, and its stop hook runs. Whether it comes back does not depend on that.
    fn fell_in_order(&mut self, leaf: usize, reason: Reason) {
        let member = &self.members[leaf];
        let is_final = member.stopping || !wants(member.policy.kind, reason);
        let reason = self.stopped(leaf, reason);
        if is_final { self.end(leaf, reason) } else { self.fell(leaf, reason) }
    }

    /// It ended by itself.
    fn fell(&mut self, leaf: usize, reason: Reason) {
        let member = &mut self.members[leaf];
        if member.stopping || !wants(member.policy.kind, reason) {
            return self.end(leaf, reason);
        }
        member.phase = Phase::Down;
        let as_told = member.going_down;
        (member.going_down, member.cut_at) = (false, None);
        self.tell_above(leaf, if as_told { Report::Down } else { Report::Fell(reason) });
    }

    fn end(&mut self, leaf: usize, reason: Reason) {
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

// Leaves and groups.
impl Model {
    pub(crate) fn stop(&mut self, who: usize, grace: Option<u64>) {
        let kill_at = grace.map(|grace| self.now + 1_000 * grace);
        let member = &mut self.members[who];
        if matches!(member.phase, Phase::Ended(_)) {
            return;
        }
        member.stopping = true;
        (member.going_down, member.cut_at) = (false, None);
        if member.group.is_none() {
            member.kill_at = [member.kill_at, kill_at].into_iter().flatten().min();
        }
        self.wake(who);
    }

    pub(crate) fn stop_within(&mut self, who: usize, grace: Duration) {
        self.stop(who, None);
        let kill_at = self.now + millis(grace);
        let member = &mut self.members[who];
        if !matches!(member.phase, Phase::Ended(_)) {
            member.kill_at = Some(member.kill_at.map_or(kill_at, |sooner| sooner.min(kill_at)));
        }
    }

    pub(crate) fn kill(&mut self, who: usize) {
        let member = &mut self.members[who];
        (member.stopping, member.killed) = (true, true);
        self.wake(who);
    }

    /// All that a group can do now.
    fn run_group(&mut self, group: usize) {
        loop {
            match self.members[group].phase {
                Phase::Ended(_) => return,
                Phase::Burying(reason) => return self.bury(group, reason),
                _ if self.members[group].killed => self.end_group(group, Reason::Killed),
                _ => {
                    let state = self.group_of(group);
                    if let Some(child) = state.exits.pop_front() {
                        state.seats.retain(|seat| *seat != child);
                        self.go_on(group);
                    } else if let Some(event) = state.inbox.pop_front() {
                        self.hear(group, event);
                    } else if self.members[group].stopping {
                        self.end_group(group, Reason::Stopped);
                    } else {
                        return;
                    }
                }
            }
        }
    }

    fn end_group(&mut self, group: usize, reason: Reason) {
        if !std::mem::replace(&mut self.members[group].stopping, true) {
            self.wake(group);
        }
        self.members[group].phase = Phase::Burying(reason);
    }

    /// Ends the children, the last one first, one after the other.
    fn bury(&mut self, group: usize, reason: Reason) {
        let children = self.group_of(group).children.clone();
        let lives = |child: &&usize| !matches!(self.members[**child].phase, Phase::Ended(_));
        let Some(&child) = children.iter().rev().find(lives) else {
            // Killed before its children had ended, it did not end as it should.
            let cut_short = self.members[group].killed && reason.is_normal();
            self.members[group].phase = Phase::Ended(if cut_short { Reason::Killed } else { reason });
            self.members[group].kill_at = None;
            return self.announce(group);
        };
        let is_next = self.group_of(group).buries.replace(child) != Some(child);
        if self.members[group].killed || !reason.is_normal() {
            self.members[child].swept |= reason == Reason::Failed || self.members[group].swept;
            self.kill(child);
        } else if is_next {
            self.stop(child, Some(GRACE));
        }
    }

    fn is_over(&self, who: usize) -> bool {
        matches!(self.members[who].phase, Phase::Burying(_) | Phase::Ended(_))
    }

    fn group_of(&mut self, place: usize) -> &mut Group {
        self.members[place].group.as_mut().expect("a group is meant")
    }
}

// Supervisors.
impl Model {
    fn hear(&mut self, group: usize, event: Event) {
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

    fn rise(&mut self, tree: usize) {
        self.members[tree].phase = Phase::Up;
        let group = self.group_of(tree);
        (group.judge, group.mood, group.rises) = (Judge::default(), Mood::Running, true);
        for child in group.seats.clone() {
            self.members[child].judge = Judge::default();
            self.members[child].not_before = None;
        }
        self.go_on(tree);
    }

    fn hear_of(&mut self, above: usize, child: usize, report: Report) {
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

    fn take_along(&mut self, above: usize, fallen: usize) {
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
    fn fall(&mut self, tree: usize, reason: Option<Reason>) {
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
    fn go_on(&mut self, tree: usize) {
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

    fn start(&mut self, tree: usize) {
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

    fn down(&mut self, child: usize) {
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

// In words.
impl Model {
    fn nth(&self, n: usize, is_meant: impl Fn(&Member) -> bool) -> Option<usize> {
        let meant: Vec<usize> =
            (0..self.members.len()).filter(|place| is_meant(&self.members[*place])).collect();
        (!meant.is_empty()).then(|| meant[n % meant.len()])
    }

    pub(crate) fn leaf(&self, n: usize) -> Option<usize> {
        self.nth(n, |member| member.group.is_none())
    }

    /// A call whose caller waits.
    pub(crate) fn waiting(&self, n: usize) -> Option<usize> {
        let waiting: Vec<usize> = (0..self.calls.len()).filter(|call| !self.is_left(*call)).collect();
        (!waiting.is_empty()).then(|| waiting[n % waiting.len()])
    }

    pub(crate) fn group(&self, n: usize) -> Option<usize> {
        self.nth(n, |member| member.group.is_some())
    }

    /// But the root, whose end is the end of the story.
    pub(crate) fn anybody(&self, n: usize) -> Option<usize> {
        self.nth(n, |member| member.above.is_some())
    }

    /// One that is killed with a supervisor that gave up, in the very moment in which it may have been made once more: by a hair's breadth
    /// a call of it was answered or not, and nobody promises which.
    pub(crate) fn is_swept(&self, place: usize) -> bool {
        self.members[place].swept
    }

    pub(crate) fn report(&self) -> Vec<String> {
        let lives = self.members.iter().enumerate().map(|(place, member)| {
            let life = match member.phase {
                Phase::Ended(reason) => reason.name(),
                _ => "lives",
            };
            life_of(place, life, (!member.swept).then_some(member.made))
        });
        let calls = self.calls.iter().enumerate().map(|(number, Call { leaf, told, .. })| {
            told_of(number, *leaf, told.as_deref(), self.members[*leaf].swept)
        });
        lives.chain(calls).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let name = |(place, member): (usize, &Member)| {
            let Policy { kind, limit: Limit(most, within), backoff } = member.policy;
            let backoff = backoff.map_or(String::new(), |first| format!(", waits {first} s first"));
            let below = member.above.map_or("the root".to_owned(), |above| format!("below {above}"));
            let what = match &member.group {
                None => "a leaf".to_owned(),
                Some(Group { strategy, limit: Limit(most, within), .. }) => {
                    format!("a group, {strategy:?}, {most} in {within} s")
                }
            };
            format!("{place} is {what}, {below}; {kind:?}, {most} in {within} s{backoff}")
        };
        self.members.iter().enumerate().map(name).collect()
    }

    pub(crate) fn describe(&self, step: &Step) -> String {
        let leaf = |n: &usize| self.leaf(*n).map_or("no leaf".to_owned(), |leaf| leaf.to_string());
        let anybody = |n: &usize| self.anybody(*n).map_or("nobody".to_owned(), |who| who.to_string());
        match step {
            Step::Call(n, what, how, limit) => {
                let limit = limit.map_or(String::new(), |limit| format!(", within {limit:?}"));
                format!("{} is called: {what:?}, {how:?}{limit}", leaf(n))
            }
            Step::Leave(n) => match self.waiting(*n) {
                Some(call) => format!("the caller of call {call} leaves"),
                None => "nobody leaves".to_owned(),
            },
            Step::Release(n) => format!("{} is released", leaf(n)),
            Step::Trouble(n, times, what) => {
                format!("the next {times} times that {} is made it goes wrong: {what:?}", leaf(n))
            }
            Step::Stop(n) => format!("{} is stopped", anybody(n)),
            Step::StopWithin(n, grace) => format!("{} is stopped within {grace:?}", anybody(n)),
            Step::Kill(n) => format!("{} is killed", anybody(n)),
            Step::Add(n, _) => {
                format!(
                    "{} gets a new child",
                    self.group(*n).map_or("nobody".to_owned(), |who| who.to_string())
                )
            }
            Step::Wait(time) => format!("{time} s go by"),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn life_of(place: usize, life: &str, made: Option<u32>) -> String {
    made.map_or_else(|| format!("{place}: {life}"), |made| format!("{place}: {life}, made {made}"))
}

pub(crate) fn told_of(number: usize, leaf: usize, told: Option<&str>, is_swept: bool) -> String {
    let told = match told {
        None => "waits",
        Some(_) if is_swept => "was told",
        Some(told) => told,
    };
    format!("call {number} of {leaf}: {told}")
}
