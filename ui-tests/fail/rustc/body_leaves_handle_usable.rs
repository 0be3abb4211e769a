use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.balnce
    }
    pub fn set(&mut self, balance: u64) {
        self.balance = balance;
    }
}

async fn use_it(account: AccountHandle) {
    let _ = account.set(1).await;
    let _ = account.get().await;
    account.stop();
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
