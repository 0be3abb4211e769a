//! From classes: an actor that is another one and more.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

#[actor(extends = Account)]
struct Savings {
    base: Account,
    rate: f64,
}

#[actor]
impl Savings {
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

fn main() {}
