use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn into(&self) -> u64 {
        self.balance
    }
}

fn main() {}
