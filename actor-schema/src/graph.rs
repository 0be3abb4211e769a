//! What a type asks for when it is read: a graph of shapes.
//!
//! A *place* is where one value stands: a field, an element, a variant's contents. What stands there is a node. Leaves are nodes of
//! their own; containers of the same Rust type at places of the same Rust type are one node, so that a recursive type is a cycle,
//! and many types that refer to each other stay as many nodes. A Rust type is known by its name with its parameters, not by
//! serde's: two `Result`s are two. Only two versions of one crate in one message can have a type of the same name; if even the fields are
//! called the same, the second may be taken for the first.

use super::search::Search;
use std::collections::HashMap;

/// A node.
pub(super) type Id = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    F32,
    F64,
    Char,
    Str,
    Bytes,
    Unit,
    Option,
    Seq,
    Map,
    Newtype,
    /// A tuple, a tuple struct or an array.
    Tuple,
    Struct,
    Enum,
    /// A place that failed before it asked for anything, or asked for what is not on the wire.
    Unseen,
}

/// What a place asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    /// Of the container, as serde has it.
    pub(super) name: &'static str,
    /// Of the fields or of the variants, with their aliases.
    pub(super) names: &'static [&'static str],
    /// How many children there are at most.
    pub(super) len: usize,
    /// The Rust type that is read.
    pub(super) of: &'static str,
    /// The Rust type that reads it.
    pub(super) by: &'static str,
}

impl Asked {
    pub(super) fn plain(kind: Kind, of: &'static str) -> Self {
        Asked { kind, name: "", names: &[], len: 0, of, by: "" }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) owner: Id,
    pub(super) slot: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) asked: Asked,
    /// By slot; `None` has not been seen yet. Those of a tuple or a struct grow as they are asked for.
    pub(super) children: Vec<Option<Id>>,
    /// There are no more children than these. A type with aliases has fewer fields than names.
    pub(super) through: bool,
    /// A value was accepted here.
    pub(super) accepted: bool,
    pub(super) search: Search,
    /// No value that was tried is accepted here.
    pub(super) closed: bool,
    /// It asked for what only a self-describing format can tell.
    pub(super) self_describing: bool,
    /// It was tried in vain to see what is not seen of it.
    pub(super) given_up: bool,
}

impl Node {
    fn new(asked: Asked) -> Self {
        let slots = match asked.kind {
            Kind::Option | Kind::Seq | Kind::Newtype => 1,
            Kind::Map => 2,
            Kind::Enum => asked.len,
            _ => 0,
        };
        let grows = matches!(asked.kind, Kind::Tuple | Kind::Struct) && asked.len > 0;
        Node {
            asked,
            children: vec![None; slots],
            through: !grows,
            accepted: false,
            search: Search::default(),
            closed: asked.kind == Kind::Unseen,
            self_describing: false,
            given_up: false,
        }
    }

    /// Whether the child at `slot` can and should be looked at.
    pub(super) fn is_open(&self, slot: usize) -> bool {
        !self.given_up && self.children.get(slot) == Some(&None)
    }

    /// The children as far as they have been come to, with one `None` for any that have not.
    pub(super) fn known_children(&self) -> impl Iterator<Item = Option<Id>> {
        let grows = matches!(self.asked.kind, Kind::Tuple | Kind::Struct);
        let unseen = self.children.iter().rev().take_while(|child| grows && child.is_none()).count();
        let none = self.asked.kind == Kind::Enum && self.children.is_empty() && self.asked.len > 0;
        let cut_off = !self.through || unseen > 0 || none;
        let seen = &self.children[..self.children.len() - unseen];
        seen.iter().copied().chain(cut_off.then_some(None))
    }
}

/// Two places may share a container's node if all of this is equal: a type that is read in another way, or checked
/// afterwards by another one, is a node of its own.
type Key = (&'static str, Asked);

#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    shared: HashMap<Key, Id>,
}

impl Graph {
    /// Where the message stands.
    pub(super) const ROOT: Id = 0;

    /// A graph of one variant of the Rust type `of`.
    pub(super) fn new(of: &'static str) -> Self {
        Graph { nodes: vec![Node::new(Asked::plain(Kind::Newtype, of))], shared: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = (Id, &Node)> {
        self.nodes.iter().enumerate()
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    pub(super) fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id]
    }

    /// What stands at `place`, if it was seen.
    pub(super) fn at(&self, place: Place) -> Option<Id> {
        self.nodes[place.owner].children.get(place.slot).copied().flatten()
    }

    /// Whether it is a struct with flattened fields: a map whose keys are its fields.
    pub(super) fn is_flattened(&self, id: Id) -> bool {
        let key = self.at(Place { owner: id, slot: 0 });
        self.nodes[id].asked.kind == Kind::Map && key.is_some_and(|key| self.nodes[key].self_describing)
    }

    /// The child of a tuple or a struct at `slot` has been come to.
    pub(super) fn grow(&mut self, owner: Id, slot: usize) {
        let node = &mut self.nodes[owner];
        if node.children.len() <= slot {
            node.children.resize(slot + 1, None);
            node.through |= node.children.len() >= node.asked.len;
        }
    }

    /// There is no child at `place`, nor behind it.
    pub(super) fn cut(&mut self, place: Place) {
        let node = &mut self.nodes[place.owner];
        node.children.truncate(place.slot);
        node.through = true;
    }

    /// Puts a node of its own at `place`.
    pub(super) fn put(&mut self, place: Place, asked: Asked) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node::new(asked));
        self.link(place, id);
        id
    }

    fn link(&mut self, place: Place, id: Id) {
        // A variant may turn out not to be there while one of its values is made.
        if let Some(child) = self.nodes[place.owner].children.get_mut(place.slot) {
            *child = Some(id);
        }
    }

    /// Puts a container at `place`, where a value of the Rust type `of` is wanted.
    pub(super) fn share(&mut self, place: Place, of: &'static str, asked: Asked) -> Id {
        match self.shared.get(&(of, asked)) {
            Some(&known) => {
                self.link(place, known);
                known
            }
            None => {
                let id = self.put(place, asked);
                self.shared.insert((of, asked), id);
                id
            }
        }
    }
}
