//! The compiler leaves the rest of such a block out: who sends its messages is not wrong as well.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub const LIMIT: u64 = 3 pub;

    fn open() -> Self {
        Account { balance: 1 }
    }

    pub fn balance(&self) -> u64 {
        self.balance
    }

    pub async fn pay(&mut self, amount: u64) -> u64 {
        self.balance -= amount;
        self.balance
    }
}

async fn run(account: AccountHandle) -> Result<u64, CallError> {
    account.pay(1).await?;
    account.balance().await
}

fn main() {
    drop(run);
}
