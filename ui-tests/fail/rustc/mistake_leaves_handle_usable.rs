use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn owner(&self) -> &str {
        "ann"
    }
    pub fn get(&self) -> u64 {
        self.balance
    }
}

async fn use_it(account: AccountHandle) {
    let _ = account.get().await;
    let _ = account.owner().await;
    account.stop();
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
