use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) {}
    #[message(name = Get)]
    pub fn fetch(&mut self) {}
}

fn main() {}
