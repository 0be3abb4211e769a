use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, balance: u64) {
        self.
    }
    pub fn get(&self) -> u64 {
        self.balance
    }
}

async fn use_it(account: AccountHandle) {
    let _ = account.get().await;
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
