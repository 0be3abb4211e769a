//! What trees and stories there are.
//!
//! Times are chosen so that no two things that are not meant to happen at once do: what happens to a tree, at multiples of 100 s; a wait
//! before a restart, 7 s beside one; a limit of time, 50 s beside one; what callers and those who end somebody have patience for, a fraction of a second.

use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Permanent,
    Transient,
    Temporary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Along {
    OneForOne,
    OneForAll,
    RestForOne,
}

/// So many restarts within so many seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(pub(crate) u32, pub(crate) u64);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) kind: Kind,
    pub(crate) limit: Limit,
    /// The first wait, doubled twice at most.
    pub(crate) backoff: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Plan {
    Leaf(Policy),
    Group(Policy, Along, Limit, Vec<Plan>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Add,
    Hold,
    Panic,
    Fail,
    Leave,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Into the queue.
    Started,
    /// At once by its caller, if the actor lies idle.
    Awaited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    MakePanics,
    StartFails,
    StartPanics,
    /// It starts, and its stop hook goes wrong.
    StopFails,
    StopPanics,
}

/// Whoever is meant is found among those that there are by that time, counted round and round.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Within that time, if there is one.
    Call(usize, What, How, Option<Duration>),
    /// One who waits for an answer does not any more.
    Leave(usize),
    Release(usize),
    /// The next so many that are made have it; those of all others do not.
    Trouble(usize, u32, Trouble),
    Stop(usize),
    StopWithin(usize, Duration),
    Kill(usize),
    Add(usize, Plan),
    Wait(u64),
}

#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// Whether callers may run handlers.
    pub(crate) direct: bool,
    pub(crate) tree: Plan,
    pub(crate) steps: Vec<Step>,
}

pub(crate) const GRACE: u64 = 5_013;

pub(crate) fn seconds(time: u64) -> Duration {
    Duration::from_secs(time)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![4 => Just(Kind::Permanent), 2 => Just(Kind::Transient), 1 => Just(Kind::Temporary)]
}

fn limit() -> impl Strategy<Value = Limit> {
    (0..5_u32, prop_oneof![Just(1_050), Just(10_050), Just(1_000_050)])
        .prop_map(|(most, within)| Limit(most, within))
}

fn policy() -> impl Strategy<Value = Policy> {
    let backoff = prop_oneof![2 => Just(None), 1 => Just(Some(1_007))];
    (kind(), limit(), backoff).prop_map(|(kind, limit, backoff)| Policy { kind, limit, backoff })
}

fn group(children: BoxedStrategy<Plan>) -> BoxedStrategy<Plan> {
    let strategy = prop_oneof![Just(Along::OneForOne), Just(Along::OneForAll), Just(Along::RestForOne)];
    (policy(), strategy, limit(), prop::collection::vec(children, 0..4))
        .prop_map(|(policy, strategy, limit, children)| Plan::Group(policy, strategy, limit, children))
        .boxed()
}

fn leaf() -> BoxedStrategy<Plan> {
    policy().prop_map(Plan::Leaf).boxed()
}

fn tree() -> BoxedStrategy<Plan> {
    let low = prop_oneof![3 => leaf(), 1 => group(leaf())].boxed();
    group(prop_oneof![1 => leaf(), 1 => group(low)].boxed())
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..20_usize;
    let what = prop_oneof![
        3 => Just(What::Add), 3 => Just(What::Hold), 5 => Just(What::Panic), 1 => Just(What::Fail),
        1 => Just(What::Leave), 1 => Just(What::Last)
    ];
    let how = prop_oneof![Just(How::Started), Just(How::Awaited)];
    let trouble = prop_oneof![
        Just(Trouble::MakePanics),
        Just(Trouble::StartFails),
        Just(Trouble::StartPanics),
        Just(Trouble::StopFails),
        Just(Trouble::StopPanics)
    ];
    let patience =
        prop_oneof![Just(450_500), Just(2_050_500), Just(5_050_500)].prop_map(Duration::from_millis);
    let limit = prop_oneof![3 => Just(None), 1 => patience.prop_map(Some)];
    let grace = prop_oneof![Just(450_250), Just(2_050_250)].prop_map(Duration::from_millis);
    prop_oneof![
        12 => (who.clone(), what, how, limit)
            .prop_map(|(who, what, how, limit)| Step::Call(who, what, how, limit)),
        1 => who.clone().prop_map(Step::Leave),
        2 => who.clone().prop_map(Step::Release),
        2 => (who.clone(), 1..5_u32, trouble).prop_map(|(who, times, what)| Step::Trouble(who, times, what)),
        1 => who.clone().prop_map(Step::Stop),
        1 => (who.clone(), grace).prop_map(|(who, grace)| Step::StopWithin(who, grace)),
        1 => who.clone().prop_map(Step::Kill),
        1 => (who, prop_oneof![3 => leaf(), 1 => group(leaf())]).prop_map(|(who, plan)| Step::Add(who, plan)),
        4 => prop_oneof![Just(100), Just(900), Just(2_000), Just(6_000)].prop_map(Step::Wait),
    ]
}

pub(crate) fn script() -> impl Strategy<Value = Script> {
    (any::<bool>(), tree(), prop::collection::vec(step(), 1..25)).prop_map(|(direct, tree, steps)| Script {
        direct,
        tree,
        steps,
    })
}
