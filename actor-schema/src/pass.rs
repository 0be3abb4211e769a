//! One pass: one value is made, and what is asked for on the way is written down.

use super::graph::{Asked, Graph, Id, Kind, Place};
use super::survey::Survey;
use super::tracer::Tracer;
use serde::de::{self, DeserializeSeed};
use std::any::type_name;
use std::cell::RefCell;
use std::fmt;

/// Containers within containers, more than which is taken for a type that never ends.
const DEPTH: usize = 64;
/// To this depth everything new is looked at at once; deeper, the next passes go straight there.
const EAGER_DEPTH: usize = 16;
/// What one value may ask for.
const ASKS: usize = 1 << 17;
/// What one message may consist of.
const NODES: usize = 1 << 16;

/// The value could not be made. Why not is in the pass.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a made-up value was refused")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Refused
    }
}

/// Where a value is being made.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) place: Place,
    /// On the way to what has not been seen.
    pub(super) seeks: bool,
    pub(super) depth: usize,
}

#[derive(Debug)]
pub(super) struct Pass {
    pub(super) state: RefCell<State>,
    pub(super) survey: Survey,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) graph: Graph,
    /// The names of the messages.
    pub(super) messages: Option<&'static [&'static str]>,
    /// There is no such message.
    pub(super) no_message: bool,
    /// The ways there were at each choice so far.
    ways: Vec<u16>,
    /// The searches around, from outside, and at which choice each began.
    searches: Vec<(usize, Id)>,
    pub(super) asks: usize,
    /// Places seen for the first time.
    seen: usize,
    /// A search went on, or something was found not to be there.
    pub(super) moved: bool,
    /// It is known why the value cannot be made: what fails on the way out says nothing.
    pub(super) settled: bool,
}

impl State {
    pub(super) fn new(graph: Graph) -> Self {
        State {
            graph,
            messages: None,
            no_message: false,
            ways: Vec::new(),
            searches: Vec::new(),
            asks: 0,
            seen: 0,
            moved: false,
            settled: false,
        }
    }

    /// Whether the pass came to know anything.
    pub(super) fn has_news(&self) -> bool {
        self.moved || self.seen > 0
    }

    /// A value of the Rust type `of` has been read at `place`, or has failed. If that asked for nothing, then there is nothing to ask
    /// for, or nothing that could be seen.
    pub(super) fn has_read(&mut self, place: Place, of: &'static str, made: bool) {
        if !self.settled && self.graph.at(place).is_none() {
            let kind = if made { Kind::Unit } else { Kind::Unseen };
            self.graph.put(place, Asked::plain(kind, of));
            self.seen += 1;
        }
    }
}

/// How things stood when a place was come to.
struct Before {
    ways: usize,
    searches: usize,
    seen: usize,
}

impl Pass {
    /// Makes what `seed` reads.
    pub(super) fn visit<'de, S: DeserializeSeed<'de>>(&self, at: At, seed: S) -> Result<S::Value, Refused> {
        let of = type_name::<S::Value>();
        let before = self.enter(at.place);
        let made = seed.deserialize(Tracer::new(self, at, of));
        self.leave(at.place, of, &before, made.is_ok());
        made
    }

    fn enter(&self, place: Place) -> Before {
        let mut state = self.state.borrow_mut();
        let State { graph, ways, searches, seen, .. } = &mut *state;
        let before = Before { ways: ways.len(), searches: searches.len(), seen: *seen };
        if let Some(id) = graph.at(place)
            && graph.node(id).search.is_on()
        {
            searches.push((ways.len(), id));
        }
        before
    }

    /// If the value failed, it is decided here who is to try another one: the innermost place that failed, unless it took such a value
    /// before; then whoever around it searches.
    fn leave(&self, place: Place, of: &'static str, before: &Before, made: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.searches.truncate(before.searches);
        match state.graph.at(place) {
            Some(id) if made => state.graph.node_mut(id).accepted = true,
            None => {
                state.has_read(place, of, made);
                state.settled |= !made;
            }
            Some(_) if state.settled => {}
            // It may have failed for what was only looked at.
            Some(_) if state.seen > before.seen => state.settled = true,
            Some(id) => {
                let node = state.graph.node_mut(id);
                if !node.accepted {
                    state.settled = true;
                    if !node.closed {
                        state.moved = true;
                        node.closed = !node.search.next(&state.ways[before.ways..]);
                    }
                }
            }
        }
    }

    /// Something is asked for. `shared` if the same type elsewhere is the same node.
    pub(super) fn ask(&self, at: At, of: &'static str, asked: Asked, shared: bool) -> Result<Id, Refused> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.asks += 1;
        if at.depth > DEPTH || state.asks > ASKS || state.graph.len() > NODES {
            state.settled = true;
            return Err(Refused);
        }
        let Some(id) = state.graph.at(at.place) else {
            state.seen += 1;
            return Ok(match shared {
                true => state.graph.share(at.place, of, asked),
                false => state.graph.put(at.place, asked),
            });
        };
        let node = state.graph.node_mut(id);
        // It asks now for this, now for that: what comes behind it cannot be known.
        if node.asked != asked {
            state.moved |= !node.closed;
            state.settled = true;
            node.closed = true;
            return Err(Refused);
        }
        Ok(id)
    }

    /// Something is asked for that postcard does not have.
    pub(super) fn ask_in_vain(&self, at: At, of: &'static str) {
        if let Ok(id) = self.ask(at, of, Asked::plain(Kind::Unseen, of), false) {
            let mut state = self.state.borrow_mut();
            state.graph.node_mut(id).self_describing = true;
            state.settled = true;
        }
    }

    /// It has turned out that there is nothing at `place`, nor behind it: names of fields and variants are more if some are aliases.
    pub(super) fn cut(&self, place: Place) {
        let mut state = self.state.borrow_mut();
        state.settled = true;
        if place.owner == Graph::ROOT {
            state.no_message = true;
        } else if state.graph.at(place).is_none() {
            state.graph.cut(place);
            state.moved = true;
        }
    }

    /// Chooses among `ways`: what the outermost search wants that has a say.
    pub(super) fn choose(&self, ways: usize) -> usize {
        let mut state = self.state.borrow_mut();
        let State { graph, ways: log, searches, .. } = &mut *state;
        let now = log.len();
        log.push(ways.min(usize::from(u16::MAX)) as u16);
        let pick = searches.iter().find_map(|&(began, id)| graph.node(id).search.pick(now - began));
        pick.map_or(0, usize::from).min(ways.saturating_sub(1))
    }

    pub(super) fn value<T: Copy>(&self, values: &[T]) -> T {
        values[self.choose(values.len())]
    }

    /// Whether to look at a child for its own sake.
    pub(super) fn is_open(&self, at: At, id: Id, slot: usize) -> bool {
        at.depth < EAGER_DEPTH && self.state.borrow().graph.node(id).is_open(slot)
    }

    /// The slot to go to when something beyond is sought.
    pub(super) fn next(&self, at: At, id: Id) -> Option<usize> {
        if at.seeks { self.survey.next(id) } else { None }
    }

    /// The child of `id`, which stands at `at`.
    pub(super) fn child(&self, at: At, id: Id, slot: usize) -> At {
        At { place: Place { owner: id, slot }, seeks: self.next(at, id) == Some(slot), depth: at.depth + 1 }
    }

    /// The variant to make.
    pub(super) fn variant(&self, at: At, id: Id) -> Option<usize> {
        let len = self.state.borrow().graph.node(id).children.len();
        let pick = self.choose(len + 1);
        let state = self.state.borrow();
        let node = state.graph.node(id);
        let open = (0..len).find(|&slot| node.is_open(slot));
        let eager = open.filter(|_| at.depth < EAGER_DEPTH);
        let chosen = self.next(at, id).or(eager).or(pick.checked_sub(1));
        chosen.or_else(|| self.survey.end(id, node)).or(open)
    }
}
