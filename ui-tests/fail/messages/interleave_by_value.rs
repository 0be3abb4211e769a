use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(interleave)]
    pub fn close(self) {}
}

fn main() {}
