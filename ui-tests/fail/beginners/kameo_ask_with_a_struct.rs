//! From kameo: the handle is asked with a struct that is the message.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

struct Deposit {
    amount: u64,
}

#[actor]
impl Account {
    pub fn deposit(&mut self, deposit: Deposit) -> u64 {
        self.balance += deposit.amount;
        self.balance
    }
}

async fn run() -> Result<u64, CallError> {
    let account = Account { balance: 0 }.spawn();
    account.ask(Deposit { amount: 10 }).await
}

fn main() {
    drop(run());
}
