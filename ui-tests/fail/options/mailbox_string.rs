use actor_core::prelude::*;

#[actor(mailbox = "ten")]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
