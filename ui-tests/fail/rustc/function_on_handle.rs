use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.balance
    }
    pub fn open() -> Self {
        Account { balance: 0 }
    }
}

async fn use_it(account: AccountHandle) {
    let _ = account.open().await;
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
