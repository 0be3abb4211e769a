//! From objects: what callers hold is what is constructed.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn open(balance: u64) -> Self {
        Account { balance }
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn run() -> Result<u64, CallError> {
    let account = AccountHandle::open(10);
    account.deposit(5).await
}

fn main() {
    drop(run());
}
