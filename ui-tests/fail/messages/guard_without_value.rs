use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(when)]
    pub fn get(&self) {}
}

fn main() {}
