use actor_core::prelude::*;

#[actor(mailbox = 0)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
