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

impl Account {
    #[message]
    fn set(&mut self) {}
}

fn main() {}
