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

fn main() {
    let account = spawn(Account { balance: 1 });
    drop(account);
}
