//! Peers, their users and the network between them, and the order in which all of it happens.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dice::Dice;
use super::network::{Message, Network};
use super::peer::{Peer, State, Step, Work};
use super::user::Ledger;
use crate::chunk::ContentId;
use crate::index::{Entries, Snapshot};
use crate::merge::merge;
use crate::plan::plan;

/// How long a peer waits for answers.
const PATIENCE: u64 = 20;
/// A peer that can reach all others does not need more, as in a session.
const ROUNDS: usize = 20;

pub(super) struct World {
    dice: Dice,
    now: u64,
    peers: Vec<Peer>,
    network: Network,
    ledger: Ledger,
    story: Vec<String>,
    is_told: bool,
}

impl World {
    /// `is_told`: what happens is printed.
    pub(super) fn new(seed: u64, is_told: bool) -> Self {
        let mut dice = Dice::new(seed);
        let peers = (0..2 + dice.below(3)).map(|_| Peer::new(dice.bytes())).collect();
        let (network, ledger, story) = (Network::default(), Ledger::default(), Vec::new());
        Self { dice, now: 0, peers, network, ledger, story, is_told }
    }

    /// All of it, and what must hold in the end; its story.
    pub(super) fn run(mut self) -> Vec<String> {
        for _ in 0..40 + self.dice.below(160) {
            if self.dice.one_in(4) {
                let at = self.any();
                self.act(at);
            }
            if self.dice.one_in(150) {
                let (at, id) = (self.any(), self.dice.bytes());
                self.peers[at].forget(id);
                self.tell(format!("{at}: forgets what it knew"));
            }
            self.tick();
        }
        self.heal();
        self.check();
        self.story
    }

    /// One user at a time, who sees what the others did before: then there is no conflict, and all folders become as that one was left.
    pub(super) fn run_calmly(mut self) {
        for _ in 0..1 + self.dice.below(6) {
            let at = self.any();
            for _ in 0..1 + self.dice.below(3) {
                self.act(at);
            }
            let left = self.peers[at].files.clone();
            self.network.worsen();
            for _ in 0..self.dice.below(80) {
                self.tick();
            }
            self.heal();
            self.check();
            assert_eq!(self.peers[at].files, left, "not as it was left");
        }
    }

    fn act(&mut self, at: usize) {
        if let Some(what) = self.ledger.act(&mut self.dice, &mut self.peers[at]) {
            self.tell(format!("{at}: a user {what}"));
        }
    }

    fn tell(&mut self, what: String) {
        let line = format!("{:4}  {what}", self.now);
        if self.is_told {
            println!("{line}");
        }
        self.story.push(line);
    }

    fn any(&mut self) -> usize {
        self.dice.below(self.peers.len())
    }

    /// What happens beside users.
    fn tick(&mut self) {
        self.now += 1;
        while let Some(message) = self.network.next(&mut self.dice, self.now) {
            self.deliver(message);
        }
        if self.dice.one_in(30) {
            let at = self.any();
            self.peers[at].crash();
            self.tell(format!("{at}: crashes"));
        }
        if self.dice.one_in(25) {
            let (one, other) = (self.any(), self.any());
            self.network.switch(one, other);
        }
        for _ in 0..self.peers.len() {
            let at = self.any();
            self.go_on(at);
        }
    }

    fn deliver(&mut self, message: Message) {
        let Message { from, to, view } = message;
        match (view, &mut self.peers[to].state) {
            (None, _) => {
                let view = Some(self.peers[to].saved.snapshot());
                self.network.send(&mut self.dice, self.now, Message { from: to, to: from, view });
            }
            // It may answer an earlier question, and be older than what is known already.
            (Some(view), State::Waits { answers, .. }) => answers.push((from, view)),
            (Some(_), _) => {}
        }
    }

    fn go_on(&mut self, at: usize) {
        match std::mem::replace(&mut self.peers[at].state, State::Idle) {
            State::Idle => {
                if self.dice.one_in(4) {
                    self.ask(at);
                }
            }
            State::Waits { until, answers } => {
                let heard: BTreeSet<usize> = answers.iter().map(|(from, _)| *from).collect();
                if heard.len() + 1 == self.peers.len() || self.now >= until {
                    let work = self.meet(at, answers);
                    self.peers[at].state = State::Works(work);
                } else {
                    self.peers[at].state = State::Waits { until, answers };
                }
            }
            State::Works(mut work) => {
                if self.step(at, &mut work) {
                    self.peers[at].state = State::Works(work);
                }
            }
        }
    }

    fn ask(&mut self, at: usize) {
        self.peers[at].look();
        self.peers[at].state = State::Waits { until: self.now + PATIENCE, answers: Vec::new() };
        for to in (0..self.peers.len()).filter(|to| *to != at) {
            self.network.send(&mut self.dice, self.now, Message { from: at, to, view: None });
        }
    }

    /// What follows for a peer from what the others answered.
    fn meet(&mut self, at: usize, answers: Vec<(usize, Snapshot)>) -> Work {
        let from: Vec<usize> = answers.iter().map(|(from, _)| *from).collect();
        let peer = &self.peers[at];
        assert!(!answers.iter().any(|(_, view)| peer.index.has_twin(view)), "a peer takes itself for two");
        let sides: Vec<Arc<Entries>> = std::iter::once(peer.index.entries())
            .chain(answers.iter().map(|(_, view)| &view.entries))
            .cloned()
            .collect();
        let merged = merge(&sides.iter().map(Arc::as_ref).collect::<Vec<_>>());
        let plan = plan(peer.index.entries(), &merged, &BTreeSet::new());
        let work = Work::new(plan, merged.conflicts.into_keys().collect(), from);
        self.tell(format!("{at}: meets {:?}", work.sources));
        work
    }

    /// Takes one step; `false` if there is none left.
    fn step(&mut self, at: usize, work: &mut Work) -> bool {
        let Some(step) = work.next() else {
            self.peers[at].save();
            return false;
        };
        let bytes = match &step {
            Step::Copy(take) | Step::Place(take) => self.fetch(at, take.file.content, &work.sources),
            _ => None,
        };
        let is_taken = self.peers[at].step(&step, bytes);
        self.tell(format!("{at}: {step}{}", if is_taken { "" } else { ", in vain" }));
        work.ended(&step, is_taken);
        // Now and then, since it costs.
        if self.dice.one_in(4) {
            self.peers[at].save();
        }
        true
    }

    /// The bytes of a content: from this folder, else from any of those that had it.
    fn fetch(&mut self, at: usize, content: ContentId, sources: &[usize]) -> Option<Arc<str>> {
        let peer = &self.peers[at];
        let here = peer.read(&peer.index, content);
        here.or_else(|| {
            sources.iter().find_map(|from| {
                let source = &self.peers[*from];
                let is_reached = self.network.passes(&mut self.dice, at, *from);
                is_reached.then(|| source.read(&source.saved, content)).flatten()
            })
        })
    }

    /// Nobody does anything any more, and all meet until nothing is left to do.
    fn heal(&mut self) {
        self.tell("all is whole".to_owned());
        for message in self.network.heal() {
            if message.view.is_some() {
                self.deliver(message);
            }
        }
        for round in 0.. {
            assert!(round < ROUNDS, "no end after {ROUNDS} rounds");
            let mut steps = 0;
            // One that was in the middle comes to its end with what it knew.
            for at in 0..self.peers.len() {
                steps += self.finish(at);
            }
            for peer in &mut self.peers {
                peer.look();
            }
            let views: Vec<(usize, Snapshot)> =
                self.peers.iter().map(|peer| peer.saved.snapshot()).enumerate().collect();
            for at in 0..self.peers.len() {
                let others = views.iter().filter(|(from, _)| *from != at).cloned().collect();
                let work = self.meet(at, others);
                self.peers[at].state = State::Works(work);
            }
            for at in 0..self.peers.len() {
                steps += self.finish(at);
            }
            if steps == 0 {
                return;
            }
        }
    }

    /// Does all that a peer has still to do; how many steps that were.
    fn finish(&mut self, at: usize) -> usize {
        let mut work = match std::mem::replace(&mut self.peers[at].state, State::Idle) {
            State::Idle => return 0,
            State::Waits { answers, .. } => self.meet(at, answers),
            State::Works(work) => work,
        };
        while self.step(at, &mut work) {}
        work.done
    }

    fn check(&self) {
        let first = &self.peers[0];
        for peer in &self.peers {
            assert_eq!(peer.files, first.files, "two folders differ");
            assert_eq!(peer.index.entries(), first.index.entries(), "two indexes differ");
        }
        let live =
            first.index.entries().iter().filter(|(_, entry)| entry.node.is_live()).map(|(path, _)| path);
        assert!(live.eq(first.files.keys()), "an index does not say what is there");
        let lost: Vec<_> = self.ledger.lost(first).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
    }
}
