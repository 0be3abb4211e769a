use actor_core::prelude::*;
use std::sync::MutexGuard;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, balance: MutexGuard<'_, u64>) {
        self.balance = *balance;
    }
}

fn main() {}
