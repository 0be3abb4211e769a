//! What could not be seen of a message.

use super::graph::{Graph, Id, Kind};
use super::text::plain_name;
use std::fmt;

/// A place of a message that could not be looked at. Its Rust type's name stands in for it, so a change of what is behind that name goes
/// unnoticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it is: `transfer.to`, `reply.Err.items[]`.
    pub place: String,
    /// The type that stands in for it.
    pub of: String,
    /// Why it is not seen.
    pub why: Why,
}

/// Why a place is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// What is before it refuses every value that was tried, or it asks for more than there is time for.
    Hidden,
    /// It can only be read from a format that describes itself, as JSON does: an untagged or internally tagged enum, a flattened
    /// struct. It cannot travel in postcard.
    SelfDescribing,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gap { place, of, why } = self;
        match why {
            Why::Hidden => write!(f, "`{place}` of `{of}` cannot be looked at"),
            Why::SelfDescribing => {
                write!(f, "`{place}` of `{of}` can only be read from a self-describing format")
            }
        }
    }
}

/// The gaps of `graph`, which is named `name`, each node's once.
pub(super) fn gaps(name: &str, graph: &Graph) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut known = vec![false; graph.len()];
    let mut found: Vec<(Id, String)> = vec![(Graph::ROOT, name.to_owned())];
    let mut next = 0;
    while let Some((id, place)) = found.get(next).cloned() {
        next += 1;
        let node = graph.node(id);
        if std::mem::replace(&mut known[id], true) {
            continue;
        }
        let gap = |place, why| Gap { place, of: plain_name(node.asked.of), why };
        match node.asked.kind {
            Kind::Unseen if node.self_describing => gaps.push(gap(place, Why::SelfDescribing)),
            Kind::Unseen => gaps.push(gap(place, Why::Hidden)),
            Kind::Map if graph.is_flattened(id) => gaps.push(gap(place, Why::SelfDescribing)),
            _ => {
                for (slot, child) in node.known_children().enumerate() {
                    let place = within(&place, node.asked.kind, node.asked.names, slot);
                    match child {
                        Some(child) => found.push((child, place)),
                        None => gaps.push(gap(place, Why::Hidden)),
                    }
                }
            }
        }
    }
    gaps.sort_by(|one, other| one.place.cmp(&other.place));
    gaps
}

fn within(place: &str, kind: Kind, names: &[&str], slot: usize) -> String {
    match (kind, names.get(slot)) {
        (Kind::Newtype | Kind::Option, _) => place.to_owned(),
        (Kind::Seq, _) => format!("{place}[]"),
        (Kind::Map, _) => format!("{place}.{}", if slot == 0 { "key" } else { "value" }),
        (_, Some(name)) => format!("{place}.{name}"),
        (_, None) => format!("{place}.{slot}"),
    }
}
