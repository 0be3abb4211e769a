use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(interleave)]
    #[message(name = Opened)]
    pub fn open(&self) {}
}

fn main() {}
