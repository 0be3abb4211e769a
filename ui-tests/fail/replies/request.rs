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
    balance: u64,
    bank: BankHandle,
}

#[actor]
impl Account {
    pub fn ask(&mut self) -> Request<'_, BankMessage, u64> {
        self.bank.rate()
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn run() -> Result<u64, CallError> {
    let bank = Bank.spawn();
    let account = Account { balance: 0, bank: bank.clone() }.spawn();
    account.ask().await?;
    account.deposit(1).await
}

fn main() {
    drop(run);
}
