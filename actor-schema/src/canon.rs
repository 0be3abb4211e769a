//! The one way to write a graph down: equal for graphs that unfold to the same tree, however many types they are made of.
//!
//! Nodes that cannot be told apart are one class, as the states of an automaton that is minimised; the classes are written from
//! the root on, each where it is come to first. What changes nothing on the wire is left out: the names of structs and enums, newtypes,
//! and whether bytes are a sequence.

use super::graph::{Graph, Id, Kind};
use super::text::plain_name;
use std::collections::HashMap;

/// What tells a node from others, besides its children.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Label {
    tag: u8,
    names: Vec<String>,
}

#[derive(Debug)]
struct Shape {
    label: Label,
    children: Vec<usize>,
}

/// The bytes to take a fingerprint of.
pub(super) fn write(graph: &Graph) -> Vec<u8> {
    let shapes = shapes(graph);
    let classes = classes(&shapes);
    let mut out = Vec::new();
    let mut known: HashMap<usize, u32> = HashMap::new();
    let mut stack = vec![0];
    while let Some(at) = stack.pop() {
        let Shape { label, children } = &shapes[at];
        if !children.is_empty() {
            let next = known.len() as u32;
            if let Some(before) = known.get(&classes[at]) {
                out.push(tag::AGAIN);
                out.extend(before.to_le_bytes());
                continue;
            }
            known.insert(classes[at], next);
        }
        out.push(label.tag);
        write_len(&mut out, label.names.len());
        for name in &label.names {
            write_text(&mut out, name);
        }
        write_len(&mut out, children.len());
        stack.extend(children.iter().rev());
    }
    out
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_len(out, text.len());
    out.extend(text.as_bytes());
}

fn write_len(out: &mut Vec<u8>, len: usize) {
    out.extend((len as u32).to_le_bytes());
}

/// Newtypes are what is in them.
fn inside(graph: &Graph, mut id: Id) -> Result<Id, Id> {
    // Newtypes of nothing but each other would go on for ever.
    for _ in 0..graph.len() {
        let node = graph.node(id);
        match node.children.first() {
            Some(&Some(child)) if node.asked.kind == Kind::Newtype => id = child,
            _ if node.asked.kind == Kind::Newtype => return Err(id),
            _ => return Ok(id),
        }
    }
    Err(id)
}

/// The shapes of the graph, the root's first.
fn shapes(graph: &Graph) -> Vec<Shape> {
    let mut shapes = vec![];
    let mut numbers: HashMap<Result<Id, Id>, usize> = HashMap::new();
    let mut found = vec![inside(graph, Graph::ROOT)];
    numbers.insert(found[0], 0);
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        let children = match id {
            Ok(id) => children(graph, id),
            Err(_) => vec![],
        };
        let children = children.into_iter().map(|child| {
            *numbers.entry(child).or_insert_with(|| {
                found.push(child);
                found.len() - 1
            })
        });
        shapes.push(Shape { label: label(graph, id), children: children.collect() });
    }
    shapes
}

/// What is in a node; `Err` is what has not been seen of the node that it names.
fn children(graph: &Graph, id: Id) -> Vec<Result<Id, Id>> {
    let node = graph.node(id);
    if is_bytes(graph, id) {
        return vec![];
    }
    node.known_children().map(|child| child.map_or(Err(id), |child| inside(graph, child))).collect()
}

fn is_bytes(graph: &Graph, id: Id) -> bool {
    let node = graph.node(id);
    match node.children[..] {
        [Some(element)] if node.asked.kind == Kind::Seq => {
            inside(graph, element).is_ok_and(|element| graph.node(element).asked.kind == Kind::U8)
        }
        _ => false,
    }
}

fn label(graph: &Graph, id: Result<Id, Id>) -> Label {
    let (kind, names) = match id {
        Err(id) => (Kind::Unseen, vec![plain_name(graph.node(id).asked.of)]),
        Ok(id) => {
            let asked = graph.node(id).asked;
            match asked.kind {
                Kind::Unseen => (Kind::Unseen, vec![plain_name(asked.of)]),
                Kind::Seq if is_bytes(graph, id) => (Kind::Bytes, vec![]),
                kind => (kind, asked.names.iter().map(|&name| name.to_owned()).collect()),
            }
        }
    };
    Label { tag: tag::of(kind), names }
}

/// A number for each shape, the same for those that cannot be told apart.
fn classes(shapes: &[Shape]) -> Vec<usize> {
    let mut classes = vec![0; shapes.len()];
    let mut count = 1;
    loop {
        let mut known = HashMap::new();
        let refined = shapes.iter().map(|shape| {
            let children: Vec<usize> = shape.children.iter().map(|&child| classes[child]).collect();
            let next = known.len();
            *known.entry((&shape.label, children)).or_insert(next)
        });
        let refined: Vec<usize> = refined.collect();
        let refined_count = known.len();
        classes = refined;
        if refined_count == count {
            return classes;
        }
        count = refined_count;
    }
}

/// What fingerprints are made of: these numbers never change.
mod tag {
    use super::Kind;

    pub(super) const AGAIN: u8 = 0;

    pub(super) fn of(kind: Kind) -> u8 {
        match kind {
            Kind::Bool => 1,
            Kind::I8 => 2,
            Kind::I16 => 3,
            Kind::I32 => 4,
            Kind::I64 => 5,
            Kind::I128 => 6,
            Kind::U8 => 7,
            Kind::U16 => 8,
            Kind::U32 => 9,
            Kind::U64 => 10,
            Kind::U128 => 11,
            Kind::F32 => 12,
            Kind::F64 => 13,
            Kind::Char => 14,
            Kind::Str => 15,
            Kind::Bytes => 16,
            Kind::Unit => 17,
            Kind::Option => 18,
            Kind::Seq => 19,
            Kind::Map => 20,
            Kind::Newtype => 21,
            Kind::Tuple => 22,
            Kind::Struct => 23,
            Kind::Enum => 24,
            Kind::Unseen => 25,
        }
    }
}
