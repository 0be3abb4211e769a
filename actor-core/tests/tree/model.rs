//! The story as it must be: what leaves and supervisors do, without waiting for anybody. Whoever has something to do stands in one line, and
//! does all of it when its turn comes, as tasks do on a single thread.

mod leaves;
mod supervisors;
mod words;

pub(crate) use words::{life_of, told_of};

use crate::plan::{Along, GRACE, Kind, Limit, Plan, Policy, Trouble, What};
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

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
