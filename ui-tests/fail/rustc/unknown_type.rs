use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, balance: Balance) -> Balance {
        balance
    }
}

fn main() {}
