//! From kameo: the actor is derived, its messages are marked.

use actor_core::prelude::*;

#[derive(Actor)]
struct Counter {
    count: u64,
}

#[messages]
impl Counter {
    #[message]
    pub fn increment(&mut self, by: u64) -> u64 {
        self.count += by;
        self.count
    }
}

fn main() {}
