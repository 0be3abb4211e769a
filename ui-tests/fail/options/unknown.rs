use actor_core::prelude::*;

#[actor(capacity = 3)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
