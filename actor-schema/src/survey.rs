//! Before each pass: where there is something left to see, and how a value is ended soonest.
//!
//! Both are least fixed points over the graph, so cycles do no harm.

use super::graph::{Graph, Id, Kind, Node};

const NEVER: u64 = u64::MAX;
/// Values of more parts than these are not made.
const LARGE: u64 = 1 << 16;

#[derive(Debug)]
pub(super) struct Survey {
    /// How much there is to the smallest value; `NEVER` if none can be made, as far as is known.
    cost: Vec<u64>,
    /// How far away the next unseen place is, and the slot that leads there.
    next: Vec<(u64, Option<usize>)>,
    /// Fields are given by their names, so that those behind one that refuses everything are seen too.
    by_name: bool,
    /// How much there was to do.
    pub(super) work: usize,
}

impl Survey {
    pub(super) fn of(graph: &Graph, by_name: bool) -> Self {
        let mut survey = Survey {
            cost: vec![NEVER; graph.len()],
            next: vec![(NEVER, None); graph.len()],
            by_name,
            work: 0,
        };
        while survey.settle_costs(graph) {
            survey.work += graph.len();
        }
        while survey.settle_next(graph) {
            survey.work += graph.len();
        }
        survey
    }

    pub(super) fn is_by_name(&self) -> bool {
        self.by_name
    }

    /// The node at which the nearest unseen place is, if there is one.
    pub(super) fn target(&self, graph: &Graph) -> Option<Id> {
        let mut id = Graph::ROOT;
        loop {
            match graph.node(id).children.get(self.next(id)?) {
                Some(&Some(child)) => id = child,
                _ => return Some(id),
            }
        }
    }

    /// The slot at which something unseen is nearest.
    pub(super) fn next(&self, id: Id) -> Option<usize> {
        self.next.get(id).and_then(|next| next.1)
    }

    /// The variant that ends soonest.
    pub(super) fn end(&self, id: Id, node: &Node) -> Option<usize> {
        if id >= self.cost.len() {
            return None;
        }
        let costs = node.children.iter().map(|&child| self.child_cost(child));
        costs.enumerate().filter(|&(_, cost)| cost != NEVER).min_by_key(|&(_, cost)| cost).map(|end| end.0)
    }

    /// Whether the field at `slot` must be given by its name.
    pub(super) fn is_behind(&self, node: &Node, slot: usize) -> bool {
        let before = &node.children[..slot.min(node.children.len())];
        self.by_name && before.iter().any(|&child| self.child_cost(child) == NEVER)
    }

    fn child_cost(&self, child: Option<Id>) -> u64 {
        child.and_then(|id| self.cost.get(id)).copied().unwrap_or(NEVER)
    }

    fn settle_costs(&mut self, graph: &Graph) -> bool {
        let mut changed = false;
        for (id, node) in graph.nodes().rev() {
            let children = node.children.iter().map(|&child| self.child_cost(child));
            let cost = match node.asked.kind {
                _ if node.closed => NEVER,
                Kind::Enum => children.min().unwrap_or(NEVER),
                Kind::Newtype => total(children),
                Kind::Tuple | Kind::Struct if node.through => total(children),
                Kind::Tuple | Kind::Struct => NEVER,
                _ => 0,
            };
            let cost = if cost < LARGE { cost + 1 } else { NEVER };
            changed |= cost < self.cost[id];
            self.cost[id] = cost.min(self.cost[id]);
        }
        changed
    }

    fn settle_next(&mut self, graph: &Graph) -> bool {
        let mut changed = false;
        for (id, node) in graph.nodes().rev() {
            let next = self.nearest(node);
            if next.0 < self.next[id].0 {
                self.next[id] = next;
                changed = true;
            }
        }
        changed
    }

    fn nearest(&self, node: &Node) -> (u64, Option<usize>) {
        let mut nearest = (NEVER, None);
        let in_order = matches!(node.asked.kind, Kind::Tuple | Kind::Struct | Kind::Map);
        let by_name = self.by_name && node.asked.kind == Kind::Struct;
        let not_come_to = (!node.through).then_some(None);
        for (slot, child) in node.children.iter().copied().chain(not_come_to).enumerate() {
            let far = match child {
                Some(child) => self.next[child].0.saturating_add(1),
                None if node.given_up => NEVER,
                None => 0,
            };
            if far < nearest.0 {
                nearest = (far, Some(slot));
            }
            if in_order && !by_name && self.child_cost(child) == NEVER {
                break;
            }
        }
        nearest
    }
}

fn total(costs: impl Iterator<Item = u64>) -> u64 {
    costs.fold(0, u64::saturating_add)
}
