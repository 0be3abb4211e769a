use actor_core::prelude::*;
use std::error::Error;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Box<dyn Error>> {
        self.balance = self.balance.checked_sub(amount).ok_or("not enough")?;
        Ok(self.balance)
    }

    pub fn history(&self) -> Box<dyn Iterator<Item = u64>> {
        Box::new(0..self.balance)
    }
}

async fn run(account: AccountHandle) -> bool {
    account.withdraw(10).await.is_ok()
}

fn main() {
    drop(run(Account { balance: 0 }.spawn()));
}
