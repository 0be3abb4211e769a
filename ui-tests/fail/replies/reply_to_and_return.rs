use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self, reply: ReplyTo<u64>) -> u64 {
        drop(reply);
        1
    }
}

fn main() {}
