use actor_core::prelude::*;

struct Overdrawn;

#[actor]
struct Account {
    balance: u64,
}

#[actor(derive(Debug))]
impl Account {
    pub fn reason(&self, amount: u64) -> Overdrawn {
        Overdrawn
    }
}

fn main() {}
