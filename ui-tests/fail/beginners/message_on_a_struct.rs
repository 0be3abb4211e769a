//! `#[message]` is taken for what a message is declared by.

use actor_core::prelude::*;

#[message]
struct Deposit {
    amount: u64,
}

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn handle(&mut self, deposit: Deposit) {
        self.balance += deposit.amount;
    }
}

fn main() {}
