//! From kameo: the block is marked by what marks a message.

use actor_core::prelude::*;

#[actor]
struct Counter {
    count: u64,
}

#[message]
impl Counter {
    pub fn increment(&mut self, by: u64) -> u64 {
        self.count += by;
        self.count
    }
}

async fn run() -> Result<u64, CallError> {
    Counter { count: 0 }.spawn().increment(1).await
}

fn main() {
    drop(run());
}
