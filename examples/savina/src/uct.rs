//! **Unbalanced Cobwebbed Tree** (parallelism): a tree of actors that grows by chance until it is large enough, and is then walked through.
//!
//! The root waits until its children have grown, and so do they; but each asks the root whether it may. The root answers while it waits, with
//! `ctx.serving`. Some nodes are to be walked through before others: they are asked by an urgent request.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::hint;

/// A tree.
#[derive(Clone, Copy, Debug)]
pub struct CobwebbedTree {
    /// How many nodes it has at most.
    pub nodes: usize,
    /// How many children a node has, if it has any.
    pub children: usize,
    /// How long it takes on average to visit a node, in turns of a loop.
    pub work: usize,
    /// Of a hundred nodes with children, how many have an urgent one.
    pub urgent: usize,
}

/// What a node may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    children: usize,
    work: usize,
    /// The child that is urgent.
    urgent: Option<usize>,
}

/// What was seen on a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The nodes.
    pub nodes: usize,
    /// Those of them that are urgent.
    pub urgent: usize,
}

/// Who says which nodes have children.
#[derive(Clone, Debug)]
struct Chance {
    job: CobwebbedTree,
    random: Random,
    granted: Seen,
}

impl Chance {
    fn new(job: CobwebbedTree) -> Self {
        Chance { job, random: Random::new(2), granted: Seen { nodes: 1, urgent: 0 } }
    }

    /// The first must, or there would be no tree.
    fn grant(&mut self) -> Option<Grant> {
        let CobwebbedTree { nodes, children, work, urgent } = self.job;
        let Seen { nodes: all, urgent: hurried } = &mut self.granted;
        if *all + children > nodes || *all > 1 && self.random.below(2) == 0 {
            return None;
        }
        *all += children;
        let urgent = (self.random.below(100) < urgent).then(|| self.random.below(children));
        *hurried += usize::from(urgent.is_some());
        Some(Grant { children, work: work / 2 + self.random.below(work + 1), urgent })
    }
}

#[actor]
struct Root {
    chance: Chance,
}

#[actor]
impl Root {
    /// Grows, and is walked through.
    pub(crate) async fn run(&mut self, ctx: &mut Context<Self>) -> Result<Seen, CallError> {
        let tree = ctx.spawn_with(Node::new(0, false), ctx.how());
        let root = ctx.handle();
        ctx.serving(self, tree.grow(root)).await.map_err(CallError::flatten)?;
        tree.walk().await.map_err(CallError::flatten)
    }

    #[message(interleave)]
    pub(crate) fn may_grow(&mut self) -> Option<Grant> {
        self.chance.grant()
    }
}

#[actor]
struct Node {
    work: usize,
    urgent: bool,
    children: Vec<NodeHandle>,
    /// Which of them is urgent.
    first: Option<usize>,
}

impl Node {
    fn new(work: usize, urgent: bool) -> Self {
        Node { work, urgent, children: Vec::new(), first: None }
    }
}

#[actor]
impl Node {
    pub(crate) async fn grow(&mut self, ctx: &mut Context<Self>, root: RootHandle) -> Result<(), CallError> {
        let Some(grant) = root.may_grow().await? else { return Ok(()) };
        self.first = grant.urgent;
        for n in 0..grant.children {
            let child = Node::new(grant.work, grant.urgent == Some(n));
            self.children.push(ctx.spawn_with(child, ctx.how()));
        }
        let grown = try_join_all(self.children.iter().map(|child| child.grow(root.clone()))).await;
        grown.map(drop).map_err(CallError::flatten)
    }

    /// Counts the nodes from here on.
    pub(crate) async fn walk(&mut self) -> Result<Seen, CallError> {
        for turn in 0..self.work {
            hint::black_box(turn);
        }
        let asked = self.children.iter().enumerate().map(|(n, child)| {
            if self.first == Some(n) { child.walk().urgent() } else { child.walk() }
        });
        let seen = try_join_all(asked).await.map_err(CallError::flatten)?;
        let own = Seen { nodes: 1, urgent: usize::from(self.urgent) };
        Ok(seen.into_iter().fold(own, |sum, seen| Seen {
            nodes: sum.nodes + seen.nodes,
            urgent: sum.urgent + seen.urgent,
        }))
    }
}

impl Benchmark for CobwebbedTree {
    const TITLE: &'static str = "Unbalanced Cobwebbed Tree";

    type Output = Seen;

    fn at(scale: Scale) -> Self {
        CobwebbedTree { nodes: scale.of(500, 200_000), children: 10, work: scale.of(50, 500), urgent: 50 }
    }

    async fn run(&self, how: &Spawn) -> Result<Seen, CallError> {
        let root = Root { chance: Chance::new(*self) }.spawn_with(how.clone());
        root.run().await.map_err(CallError::flatten)
    }

    fn check(&self, seen: Seen) -> Checked {
        // Each node asks once: whoever does it, the same is granted.
        let mut chance = Chance::new(*self);
        let mut asked = 0;
        while asked < chance.granted.nodes {
            chance.grant();
            asked += 1;
        }
        equal("what was seen", &seen, &chance.granted)?;
        Ok(format!("{} nodes, {} of them urgent", seen.nodes, seen.urgent))
    }
}
