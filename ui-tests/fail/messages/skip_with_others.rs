use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(skip, interleave)]
    pub fn open(&self) {}
}

fn main() {}
