use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(when = { self.balance += 1; true })]
    pub fn get(&mut self) {}
}

fn main() {}
