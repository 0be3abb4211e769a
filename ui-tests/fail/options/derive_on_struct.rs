use actor_core::prelude::*;

#[actor(derive(Clone))]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
