use actor_core::prelude::*;

struct NotSend(*const u8);

#[actor]
struct Account {
    balance: NotSend,
}

#[actor]
impl Account {
    pub fn get(&self) {}
}

fn main() {}
