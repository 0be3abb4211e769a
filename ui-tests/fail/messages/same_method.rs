use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) {}
    pub fn get(&self) {}
}

fn main() {}
