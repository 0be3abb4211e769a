//! Pass after pass, until nothing is left to see.

use super::graph::{Graph, Place};
use super::pass::{At, Pass, State};
use super::survey::Survey;
use super::tracer::Tracer;
use serde::de::DeserializeOwned;
use std::any::type_name;
use std::cell::RefCell;

/// Nodes looked at and questions answered, after which the rest counts as unseen. It grows with the square of what there is to see: a hundred
/// kinds of values need some ten thousand, five thousand need it all, which takes seconds.
const WORK: usize = 1 << 26;

/// What one variant of an enum asks for.
#[derive(Debug)]
pub(super) struct Traced {
    /// The enum has no such variant.
    pub(super) missing: bool,
    /// The variant's contents stand in the root.
    pub(super) graph: Graph,
}

/// The variants of `T`; `None` if it is no enum.
pub(super) fn names<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let graph = Graph::new(type_name::<T>());
    let survey = Survey::of(&graph, false);
    pass::<T>(graph, survey, 0).messages
}

/// Looks at the variant of `T` at `index`.
pub(super) fn trace<T: DeserializeOwned>(index: usize) -> Traced {
    let mut traced = Traced { missing: false, graph: Graph::new(type_name::<T>()) };
    let mut work = 0;
    while work < WORK {
        let mut survey = Survey::of(&traced.graph, false);
        if survey.target(&traced.graph).is_none() {
            work += survey.work;
            survey = Survey::of(&traced.graph, true);
        }
        let Some(target) = survey.target(&traced.graph) else { break };
        work += survey.work;
        let mut state = pass::<T>(traced.graph, survey, index);
        if !state.has_news() {
            state.graph.node_mut(target).given_up = true;
        }
        work += state.asks;
        traced = Traced { missing: state.no_message, graph: state.graph };
    }
    traced
}

fn pass<T: DeserializeOwned>(graph: Graph, survey: Survey, index: usize) -> State {
    let pass = Pass { state: RefCell::new(State::new(graph)), survey };
    let root = At { place: Place { owner: Graph::ROOT, slot: 0 }, seeks: true, depth: 0 };
    // The value is of no use, and whether there was one is in the state.
    let _ = T::deserialize(Tracer::of_message(&pass, root, type_name::<T>(), index));
    pass.state.into_inner()
}
