use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub unsafe fn open(&self) {}
}

fn main() {}
