use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get_2(&self) {}
    pub fn get2(&self) {}
}

fn main() {}
