use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

impl Account {
    pub fn get(&self) -> u64 {
        self.balance
    }
}

fn main() {
    Account { balance: 1 }.spawn();
}
