use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub extern "C" fn open(&self) {}
}

fn main() {}
