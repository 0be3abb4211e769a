use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        "text"
    }
    pub fn set(&mut self, balance: u64) {
        self.balance = balance;
    }
}

fn main() {}
