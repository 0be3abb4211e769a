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

struct Deposit(u64);

impl Handler<Deposit> for Account {}

fn main() {}
