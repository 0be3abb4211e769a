//! What the editor is asked about. The tests change some lines as somebody who types would.

use actor_core::prelude::*;

#[actor]
pub struct Account {
    balance: u64,
}

#[actor]
impl Account {
    /// Adds `amount` and returns the new balance.
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    #[message(timeout = std::time::Duration::from_secs(1))]
    pub async fn settle(&mut self, other: AccountHandle) -> u64 {
        let _ = other;
        self.balance
    }
}

async fn use_it(account: &AccountHandle) {
    let _ = account.deposit(10).await;
}

fn main() {
    drop(use_it);
}
