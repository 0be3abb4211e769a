use actor_core::prelude::*;

trait Stream {
    type Item;
}

impl Stream for () {
    type Item = u64;
}

fn todo() {}

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn all(&self) -> impl Stream<Item = u64> {
        todo()
    }
}

fn main() {}
