use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor(mailbox = 3)]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
