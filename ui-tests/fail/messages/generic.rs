use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn deposit<T: Into<u64>>(&mut self, amount: T) {
        self.balance += amount.into();
    }
}

fn main() {}
