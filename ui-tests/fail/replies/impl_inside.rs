use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn all(&self) -> Option<impl Iterator<Item = u64>> {
        Some(0..self.balance)
    }
}

fn main() {}
