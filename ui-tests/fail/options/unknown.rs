use actor_core::prelude::*;

#[actor(supervised = 3)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
