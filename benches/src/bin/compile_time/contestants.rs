//! Who takes part: what each makes of the same methods.

pub(crate) mod actify;
pub(crate) mod by_hand;
pub(crate) mod kameo;
pub(crate) mod ours;
pub(crate) mod ractor;

use crate::methods::{METHODS, Method};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) peer: bool,
    /// What `Cargo.toml` says besides tokio.
    pub(crate) dependencies: &'static str,
    /// The module of the actor called so.
    pub(crate) module: fn(actor: &str) -> String,
}

impl Contestant {
    /// Its package, which may not be called as the library is.
    pub(crate) fn package(&self) -> String {
        format!("actors-{}", self.name)
    }
}

pub(crate) const ALL: [Contestant; 5] =
    [ours::CONTESTANT, by_hand::CONTESTANT, kameo::CONTESTANT, ractor::CONTESTANT, actify::CONTESTANT];

/// The function that spawns the actor and calls each of its methods.
fn drive(spawn: &str, call: impl Fn(&Method) -> String) -> String {
    let calls: String = METHODS
        .iter()
        .map(|method| match method.reply {
            "()" => format!("    {};\n", call(method)),
            _ => format!("    sum += {}{};\n", call(method), method.number),
        })
        .collect();
    format!("pub async fn drive() -> u64 {{\n    {spawn}\n    let mut sum = 0;\n{calls}    sum\n}}\n")
}

/// All methods of an actor.
fn methods(vis: &str) -> String {
    METHODS.iter().map(|method| method.text(vis)).collect()
}
