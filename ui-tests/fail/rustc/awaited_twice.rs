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
}

async fn use_it(account: AccountHandle) {
    let request = account.get();
    let _ = request.await;
    let _ = request.await;
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
