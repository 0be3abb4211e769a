//! Combinations of all that a message is made of: which are legal, what is said of the others, and how each is written.
//!
//! The build script writes the legal ones as actors that are compiled and called; a test of the macro crate expands the others.

mod dimensions;
mod source;

pub(crate) use dimensions::{
    ACTORS, ARGUMENTS, Actor, Argument, CHOICES, Choice, RECEIVERS, REPLIES, Receiver, Reply, VISIBILITIES,
};
#[allow(unused_imports, reason = "the macro crate's test writes no program")]
pub(crate) use source::program;

/// A message.
#[derive(Clone, Copy)]
pub(crate) struct Combination {
    pub(crate) argument: &'static Argument,
    pub(crate) reply: &'static Reply,
    pub(crate) choice: &'static Choice,
    pub(crate) receiver: &'static Receiver,
    pub(crate) is_async: bool,
    pub(crate) visibility: &'static str,
    pub(crate) actor: &'static Actor,
}

const DIMENSIONS: usize = 7;
const SIZES: [usize; DIMENSIONS] =
    [ARGUMENTS.len(), REPLIES.len(), CHOICES.len(), RECEIVERS.len(), 2, VISIBILITIES.len(), ACTORS.len()];

impl Combination {
    /// Of these places in the lists, in the order of `SIZES`.
    pub(crate) fn at(places: [usize; DIMENSIONS]) -> Self {
        let [argument, reply, choice, receiver, asyncness, visibility, actor] = places;
        Combination {
            argument: &ARGUMENTS[argument],
            reply: &REPLIES[reply],
            choice: &CHOICES[choice],
            receiver: &RECEIVERS[receiver],
            is_async: asyncness == 1,
            visibility: VISIBILITIES[visibility],
            actor: &ACTORS[actor],
        }
    }

    /// What is said of it, an error each; nothing of a legal one.
    pub(crate) fn refusals(&self) -> Vec<&'static str> {
        let of_choice = match self.choice.name {
            // What is no message is asked nothing else.
            "skip" => return vec!["`skip` makes it no message"],
            "name" if self.is_generic() => Some("a generic method is sent as code, not as data"),
            "interleave" if self.receiver.is_value => {
                Some("`interleave` cannot serve a message that takes `self`")
            }
            "concurrent" => Some("`concurrent` needs an `async fn` with `&self`"),
            _ => self.choice.refused,
        };
        let mut refusals: Vec<_> =
            [self.receiver.refused, self.argument.refused, of_choice].into_iter().flatten().collect();
        refusals.extend(self.reply.refused);
        refusals
    }

    /// Whether it is sent as code.
    pub(crate) fn is_generic(&self) -> bool {
        self.argument.is_generic() || !self.reply.generics.is_empty()
    }

    /// Whether rustc or a later version has a word in it, so that nothing is to be said here.
    pub(crate) fn is_open(&self) -> bool {
        let Combination { argument, reply, choice, receiver, actor, .. } = self;
        let is_shared =
            !receiver.is_value && receiver.written.contains('&') && !receiver.written.contains("mut");
        let needs_constant = argument.declared.contains("Self::N") || reply.declared.contains("Self::N");
        // `result` of what is no `Result`; a reader, which is not available yet; a constant of a generic type in a type; captures
        // of what has no name.
        choice.name == "result" && !reply.is_result
            || choice.name == "concurrent" && self.is_async && is_shared
            || needs_constant && !actor.arguments.is_empty()
            || reply.names_captures() && argument.declared.contains("impl ")
    }
}

/// Legal combinations in which every argument meets every reply, those that are no stream and not generic in `fn` and in `async fn`, and
/// every pair of values of two dimensions occurs that can: every option with every receiver, and so on.
pub(crate) fn covering() -> Vec<[usize; DIMENSIONS]> {
    let mut chosen = Vec::new();
    let mut covered = Pairs::new();
    let mut add = |fixed: &[(usize, usize)], covered: &mut Pairs| {
        if let Some(places) = best(fixed, covered, chosen.len()) {
            covered.add(places);
            chosen.push(places);
        }
    };
    for argument in 0..ARGUMENTS.len() {
        for reply in 0..REPLIES.len() {
            let turn = (argument + reply) % 2;
            add(&[(0, argument), (1, reply), (4, turn)], &mut covered);
            let is_data = !ARGUMENTS[argument].is_generic() && REPLIES[reply].generics.is_empty();
            if is_data && !REPLIES[reply].declared.contains("Stream") {
                add(&[(0, argument), (1, reply), (4, 1 - turn)], &mut covered);
            }
        }
    }
    for first in 0..DIMENSIONS {
        for second in first + 1..DIMENSIONS {
            for a in 0..SIZES[first] {
                for b in 0..SIZES[second] {
                    if !covered.has(first, a, second, b) {
                        add(&[(first, a), (second, b)], &mut covered);
                    }
                }
            }
        }
    }
    chosen
}

/// A legal combination with these values and, one dimension after the other, the value that brings most pairs; among equals
/// the turn decides.
fn best(fixed: &[(usize, usize)], covered: &Pairs, turn: usize) -> Option<[usize; DIMENSIONS]> {
    let mut places = [None; DIMENSIONS];
    for (dimension, value) in fixed {
        places[*dimension] = Some(*value);
    }
    for dimension in 0..DIMENSIONS {
        if places[dimension].is_some() {
            continue;
        }
        let gain = |value: &usize| {
            let known = places.iter().enumerate().filter_map(|(at, place)| place.map(|place| (at, place)));
            known.filter(|(at, place)| !covered.has(*at, *place, dimension, *value)).count()
        };
        let mut values: Vec<usize> = (0..SIZES[dimension]).collect();
        values.rotate_left(turn % SIZES[dimension]);
        // The sort is stable, so the same program comes out each time.
        values.sort_by_key(|value| std::cmp::Reverse(gain(value)));
        places[dimension] = values.into_iter().find(|value| {
            let mut tried = places;
            tried[dimension] = Some(*value);
            can_be_legal(&tried)
        });
        places[dimension]?;
    }
    let places = places.map(Option::unwrap_or_default);
    is_legal(places).then_some(places)
}

/// Whether the values chosen so far are legal with the simplest of the others.
fn can_be_legal(places: &[Option<usize>; DIMENSIONS]) -> bool {
    // The first of each list goes with everything, and so does the second of the replies, a `Result`.
    let simplest = |reply: usize| {
        let mut full = places.map(Option::unwrap_or_default);
        full[1] = places[1].unwrap_or(reply);
        full
    };
    is_legal(simplest(0)) || is_legal(simplest(1))
}

fn is_legal(places: [usize; DIMENSIONS]) -> bool {
    let combination = Combination::at(places);
    combination.refusals().is_empty() && !combination.is_open()
}

/// Pairs of values of two dimensions.
struct Pairs(std::collections::HashSet<(usize, usize, usize, usize)>);

impl Pairs {
    fn new() -> Self {
        Pairs(std::collections::HashSet::new())
    }

    fn has(&self, one: usize, a: usize, other: usize, b: usize) -> bool {
        let key = if one < other { (one, a, other, b) } else { (other, b, one, a) };
        self.0.contains(&key)
    }

    fn add(&mut self, places: [usize; DIMENSIONS]) {
        for one in 0..DIMENSIONS {
            for other in one + 1..DIMENSIONS {
                self.0.insert((one, places[one], other, places[other]));
            }
        }
    }
}
