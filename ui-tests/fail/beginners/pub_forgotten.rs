//! Methods without `pub`, as for callers in the same file.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn run() -> Result<u64, CallError> {
    let account = Account { balance: 0 }.spawn();
    account.deposit(10).await
}

fn main() {
    drop(run());
}
