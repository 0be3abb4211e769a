//! Who is meant in a story, how it is told, and what there is to compare.

use super::{Call, Group, Member, Model, Phase};
use crate::plan::{Limit, Policy, Step};

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
