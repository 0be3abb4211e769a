use actor_core::prelude::*;

#[actor(overflow = drop)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
