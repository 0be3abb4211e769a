//! Shapes for people: in errors and in documentation.

use super::graph::{Asked, Graph, Id, Kind, Node};
use std::collections::HashSet;

/// Containers within containers that are written out.
const DEPTH: usize = 8;
/// Fields or variants of each.
const WIDTH: usize = 12;
/// Bytes after which what is left is abbreviated.
const LENGTH: usize = 400;

/// A message: its name with what is in it.
pub(super) fn message(name: &str, graph: &Graph) -> String {
    let mut text = Text::new(graph);
    text.out.push_str(name);
    text.contents(graph.node(Graph::ROOT).children[0], 0);
    text.out
}

/// A reply, without the name of its message.
pub(super) fn reply(graph: &Graph) -> String {
    let mut text = Text::new(graph);
    text.shape(graph.node(Graph::ROOT).children[0], 0);
    // The fields of a struct without a name.
    text.out.trim_start().to_owned()
}

/// The name of a Rust type without paths and lifetimes, so that a moved module and another compiler change nothing.
pub(super) fn plain_name(of: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut plain = String::new();
    let mut rest = of;
    while let Some(first) = rest.chars().next() {
        let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(len.max(first.len_utf8()));
        match after.strip_prefix("::") {
            Some(path) if is_word(first) => rest = path,
            _ => {
                plain.push_str(word);
                rest = after;
            }
        }
    }
    plain.replace("<'_>", "").replace("'_, ", "")
}

struct Text<'g> {
    graph: &'g Graph,
    out: String,
    /// Each is written out once.
    written: HashSet<Asked>,
}

impl<'g> Text<'g> {
    fn new(graph: &'g Graph) -> Self {
        Text { graph, out: String::new(), written: HashSet::new() }
    }

    fn shape(&mut self, id: Option<Id>, depth: usize) {
        let (Some(id), true) = (id, depth < DEPTH && self.out.len() < LENGTH) else {
            self.out.push_str("..");
            return;
        };
        let node = self.graph.node(id);
        let asked = node.asked;
        match asked.kind {
            Kind::Newtype => self.shape(node.children[0], depth + 1),
            Kind::Option => self.bracketed("Option<", node, ", ", ">", depth),
            Kind::Seq => self.bracketed("[", node, "", "]", depth),
            Kind::Map if self.graph.is_flattened(id) => self.out.push_str(&plain_name(asked.of)),
            Kind::Map => self.bracketed("{", node, ": ", "}", depth),
            Kind::Enum if asked.name == "Result" && asked.names == ["Ok", "Err"] => {
                self.bracketed("Result<", node, ", ", ">", depth);
            }
            Kind::Tuple => self.tuple(node, depth),
            Kind::Struct | Kind::Enum if !self.written.insert(asked) => self.out.push_str(asked.name),
            Kind::Struct => {
                self.out.push_str(asked.name);
                self.fields(node, depth);
            }
            Kind::Enum => self.variants(node, depth),
            Kind::Unseen => self.out.push_str(&plain_name(asked.of)),
            Kind::Unit => self.out.push_str("()"),
            kind => self.out.push_str(&format!("{kind:?}").to_lowercase()),
        }
    }

    fn bracketed(&mut self, open: &str, node: &Node, between: &str, close: &str, depth: usize) {
        self.out.push_str(open);
        for (slot, &child) in node.children.iter().enumerate() {
            self.out.push_str(if slot > 0 { between } else { "" });
            self.shape(child, depth + 1);
        }
        self.out.push_str(close);
    }

    fn is_array(&self, node: &Node) -> bool {
        let leaf = |child: &Option<Id>| {
            let child = self.graph.node((*child)?);
            child.children.is_empty().then_some(child.asked.kind)
        };
        let first = node.children.first().and_then(leaf);
        node.asked.kind == Kind::Tuple
            && first.is_some()
            && node.children.len() > 2
            && node.children.iter().all(|child| leaf(child) == first)
    }

    fn tuple(&mut self, node: &Node, depth: usize) {
        if self.is_array(node) {
            self.out.push('[');
            self.shape(node.children[0], depth + 1);
            self.out.push_str(&format!("; {}]", node.children.len()));
            return;
        }
        self.out.push('(');
        self.list(node, |text, _, child| text.shape(child, depth + 1));
        self.out.push(')');
    }

    fn fields(&mut self, node: &Node, depth: usize) {
        self.out.push_str(" { ");
        self.list(node, |text, slot, child| {
            text.out.push_str(node.asked.names[slot]);
            text.out.push_str(": ");
            text.shape(child, depth + 1);
        });
        self.out.push_str(" }");
    }

    fn variants(&mut self, node: &Node, depth: usize) {
        self.out.push_str(node.asked.name);
        self.out.push_str(" { ");
        self.list(node, |text, slot, child| {
            text.out.push_str(node.asked.names[slot]);
            text.contents(child, depth + 1);
        });
        self.out.push_str(" }");
    }

    /// What stands behind the name of a variant or a message.
    fn contents(&mut self, id: Option<Id>, depth: usize) {
        match id.map(|id| self.graph.node(id)) {
            Some(node) if node.asked.kind == Kind::Unit && node.asked.name.is_empty() => {}
            Some(node)
                if node.asked.kind == Kind::Tuple && node.asked.name.is_empty() && !self.is_array(node) =>
            {
                self.tuple(node, depth);
            }
            Some(node) if node.asked.kind == Kind::Struct && node.asked.name.is_empty() => {
                self.fields(node, depth);
            }
            _ => {
                self.out.push('(');
                self.shape(id, depth);
                self.out.push(')');
            }
        }
    }

    fn list(&mut self, node: &Node, mut item: impl FnMut(&mut Self, usize, Option<Id>)) {
        for (slot, child) in node.known_children().take(WIDTH + 1).enumerate() {
            self.out.push_str(if slot > 0 { ", " } else { "" });
            match child {
                Some(_) if slot < WIDTH => item(self, slot, child),
                _ => self.out.push_str(".."),
            }
        }
    }
}
