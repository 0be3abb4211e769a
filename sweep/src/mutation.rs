//! The mistakes: each is one change of a text, at one place.

use crate::site::{Spot, sites};
use std::fmt;
use std::ops::Range;

/// Attributes as they come where they do not belong.
const STRAYS: [&str; 7] =
    ["message", "message(skip)", "message(timeout=5)", "on_start", "on_stop", "foo", "actor"];

/// What is done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is left out.
    Delete,
    /// It stands twice.
    Double,
    /// It changes places with the next one.
    Swap,
    /// The type that it is becomes one that does not exist.
    UnknownType,
    /// An attribute comes before it.
    Stray(&'static str),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Delete => f.write_str("delete"),
            Kind::Double => f.write_str("double"),
            Kind::Swap => f.write_str("swap"),
            Kind::UnknownType => f.write_str("unknown-type"),
            Kind::Stray(name) => write!(f, "stray:{name}"),
        }
    }
}

/// A mistake at a place of a text.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// What is done.
    pub kind: Kind,
    /// The bytes that are replaced.
    range: Range<usize>,
    /// By what.
    with: String,
    /// Whether it lies in the body of a method.
    pub in_body: bool,
    /// Whether the actor or its impl block has another name or none, or is no actor: behind an attribute that it does not find,
    /// the compiler expands nothing.
    pub renames: bool,
}

impl Mutation {
    /// The text with the mistake, and where it is in it.
    #[must_use]
    pub fn apply(&self, text: &str) -> (String, Range<usize>) {
        let Range { start, end } = self.range.clone();
        let mutant = format!("{}{}{}", &text[..start], self.with, &text[end..]);
        (mutant, start..start + self.with.len())
    }

    /// The byte that it starts at: with the kind, its name.
    #[must_use]
    pub fn at(&self) -> usize {
        self.range.start
    }
}

/// Every mistake of every actor in the text.
#[must_use]
pub fn all(text: &str) -> Vec<Mutation> {
    let spots = sites(text).iter().flat_map(|site| site.spots()).collect::<Vec<Spot>>();
    spots.iter().flat_map(|spot| of(spot, text)).collect()
}

fn of(spot: &Spot, text: &str) -> Vec<Mutation> {
    let token = &text[spot.range.clone()];
    let mut all = Vec::new();
    let mut add = |kind: Kind, range: Range<usize>, with: String| {
        let renames = match kind {
            Kind::Stray(name) => name != "actor" && text[spot.range.start..].starts_with("#[actor"),
            _ => spot.names,
        };
        all.push(Mutation { kind, range, with, in_body: spot.in_body, renames });
    };
    add(Kind::Delete, spot.range.clone(), String::new());
    add(Kind::Double, spot.range.clone(), format!("{token} {token}"));
    if let Some(next) = &spot.next {
        let between = &text[spot.range.end..next.start];
        let with = format!(" {} {between}{token} ", &text[next.clone()]);
        add(Kind::Swap, spot.range.start..next.end, with);
    }
    if is_type(&spot.word) {
        add(Kind::UnknownType, spot.range.clone(), "Unknown".to_owned());
    }
    if spot.starts {
        for name in STRAYS {
            add(Kind::Stray(name), spot.range.start..spot.range.start, format!("#[{name}] "));
        }
    }
    all
}

fn is_type(word: &str) -> bool {
    const PRIMITIVES: [&str; 8] = ["u8", "u32", "u64", "usize", "i32", "bool", "str", "char"];
    PRIMITIVES.contains(&word) || word.len() > 1 && word.starts_with(char::is_uppercase) && word != "Self"
}
