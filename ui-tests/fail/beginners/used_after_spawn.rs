//! From objects and threads: started, and used as before.

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

async fn run() -> u64 {
    let mut account = Account { balance: 0 };
    account.spawn();
    account.deposit(10).await
}

fn main() {
    drop(run());
}
