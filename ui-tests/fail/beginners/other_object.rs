//! From objects: one is given another, to change it.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn deposit(&mut self, amount: u64) {
        self.balance += amount;
    }

    pub fn transfer(&mut self, other: &mut Account, amount: u64) -> bool {
        if self.balance < amount {
            return false;
        }
        self.balance -= amount;
        other.deposit(amount);
        true
    }
}

async fn run(account: AccountHandle) -> Result<(), CallError> {
    account.deposit(10).await
}

fn main() {
    drop(run(Account { balance: 0 }.spawn()));
}
