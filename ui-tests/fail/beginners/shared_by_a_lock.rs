//! From objects that threads share: what is spawned is locked.

use actor_core::prelude::*;
use std::sync::{Arc, Mutex};

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

async fn run() -> u64 {
    let account: Arc<Mutex<Account>> = Account { balance: 0 }.spawn();
    let mut account = account.lock().unwrap();
    account.deposit(10)
}

fn main() {
    drop(run());
}
