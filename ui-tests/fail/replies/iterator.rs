use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn all(&self) -> impl Iterator<Item = u64> {
        0..self.balance
    }
}

fn main() {}
