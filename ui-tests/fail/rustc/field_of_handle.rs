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
    let balance = account.balance;
    drop(balance);
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
