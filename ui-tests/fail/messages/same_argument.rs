use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, n: u64, n: u64) {
        self.balance = n;
    }
}

fn main() {}
