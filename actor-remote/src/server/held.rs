//! Order among the messages of one sender, some of whose bodies come in streams of their own.

use std::collections::{HashMap, VecDeque};

/// Messages whose turn has not come: those whose body is on its way, and those behind them.
#[derive(Debug)]
pub(super) struct Held<R> {
    senders: HashMap<u64, VecDeque<Waiting<R>>>,
    /// Of those whose body is on its way: its sender, and how long the body is.
    expected: HashMap<u64, (u64, u64)>,
    /// Whose next messages are being taken.
    open: Option<u64>,
}

#[derive(Debug)]
struct Waiting<R> {
    request: R,
    body: State,
}

#[derive(Debug)]
enum State {
    Expected(u64),
    Came(Option<Vec<u8>>),
}

impl<R> Default for Held<R> {
    fn default() -> Self {
        Held { senders: HashMap::new(), expected: HashMap::new(), open: None }
    }
}

impl<R> Held<R> {
    /// The body of `id` will come, with so many bytes.
    pub(super) fn expect(&mut self, sender: u64, id: u64, bytes: u64, request: R) {
        self.expected.insert(id, (sender, bytes));
        self.senders.entry(sender).or_default().push_back(Waiting { request, body: State::Expected(id) });
    }

    /// How long the body is that is expected for `id`.
    pub(super) fn expected(&self, id: u64) -> Option<u64> {
        self.expected.get(&id).map(|(_, bytes)| *bytes)
    }

    /// Whether what this one sends has to wait.
    pub(super) fn is_held(&self, sender: u64) -> bool {
        self.senders.contains_key(&sender)
    }

    /// Behind those.
    pub(super) fn queue(&mut self, sender: u64, request: R, body: Vec<u8>) {
        let waiting = Waiting { request, body: State::Came(Some(body)) };
        self.senders.entry(sender).or_default().push_back(waiting);
    }

    /// The body of `id` has come, or will not. Its sender's next messages can be taken then.
    pub(super) fn came(&mut self, id: u64, body: Option<Vec<u8>>) {
        self.open = None;
        let Some((sender, _)) = self.expected.remove(&id) else { return };
        self.open = Some(sender);
        let waiting = self.senders.get_mut(&sender).into_iter().flatten();
        for one in waiting {
            if matches!(one.body, State::Expected(expected) if expected == id) {
                one.body = State::Came(body);
                return;
            }
        }
    }

    /// The next message of the sender for whom a body came, if it is its turn.
    pub(super) fn next(&mut self) -> Option<(R, Option<Vec<u8>>)> {
        let sender = self.open?;
        let queue = self.senders.get_mut(&sender)?;
        let ready = queue.pop_front_if(|first| matches!(first.body, State::Came(_)));
        if queue.is_empty() {
            self.senders.remove(&sender);
        }
        match ready? {
            Waiting { request, body: State::Came(body) } => Some((request, body)),
            Waiting { body: State::Expected(_), .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Held;

    fn taken(held: &mut Held<u64>) -> Vec<(u64, Option<Vec<u8>>)> {
        std::iter::from_fn(|| held.next()).collect()
    }

    #[test]
    fn what_is_behind_a_body_on_its_way_waits_for_it() {
        let mut held = Held::default();
        held.expect(7, 1, 10, 1);
        held.queue(7, 2, vec![2]);
        held.expect(7, 3, 10, 3);
        held.queue(7, 4, vec![4]);
        assert!(held.is_held(7) && !held.is_held(8));
        held.came(3, Some(vec![3]));
        assert_eq!(taken(&mut held), []);
        held.came(1, Some(vec![1]));
        let all = taken(&mut held);
        assert_eq!(all, [(1, Some(vec![1])), (2, Some(vec![2])), (3, Some(vec![3])), (4, Some(vec![4]))]);
        assert!(!held.is_held(7));
    }

    #[test]
    fn one_that_will_not_come_holds_nobody() {
        let mut held = Held::default();
        held.expect(7, 1, 10, 1);
        held.queue(7, 2, vec![2]);
        held.came(1, None);
        assert_eq!(taken(&mut held), [(1, None), (2, Some(vec![2]))]);
        held.came(1, Some(vec![1]));
        assert_eq!(taken(&mut held), []);
    }
}
