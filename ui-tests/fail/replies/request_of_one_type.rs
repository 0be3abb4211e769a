//! The compiler's own error of the type, and no other: a `Request<T>` may be a type of the user's own.

use actor_core::Request;
use actor_core::prelude::*;

#[actor]
struct Bank;

#[actor]
impl Bank {
    pub fn rate(&self) -> u64 {
        3
    }
}

#[actor]
struct Account {
    bank: BankHandle,
}

#[actor]
impl Account {
    pub fn ask(&self) -> Request<u64> {
        self.bank.rate()
    }

    pub fn ask_twice(&self) -> Result<Vec<Request<u64>>, String> {
        Ok(vec![self.bank.rate(), self.bank.rate()])
    }

    pub fn keep(&mut self, asked: Request<u64>) {
        drop(asked);
    }

    pub fn balance(&self) -> u64 {
        1
    }
}

async fn run(account: AccountHandle) -> Result<u64, CallError> {
    account.ask().await?;
    account.balance().await
}

fn main() {
    drop(run);
}
