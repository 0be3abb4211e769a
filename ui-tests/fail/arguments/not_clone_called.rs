//! Its callers are not wrong as well.

use actor_core::prelude::*;

struct Order {
    amount: u64,
}

#[actor]
struct Account {
    balance: u64,
}

#[actor(derive(Clone))]
impl Account {
    #[message(when = order.amount > 0)]
    pub async fn place(&mut self, order: &Order) -> u64 {
        self.balance += order.amount;
        std::future::ready(self.balance).await
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn run() -> Result<u64, CallError> {
    let account = Account { balance: 0 }.spawn();
    account.place(Order { amount: 1 }).await?;
    account.place(&Order { amount: 1 }).await?;
    account.deposit(1).await
}

fn main() {
    drop(run);
}
