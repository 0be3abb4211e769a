use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub get(&self) -> u64 {
        self.balance
    }
}

fn main() {
    drop(Account { balance: 1 }.spawn().get());
}
