use actor_core::prelude::*;

struct NotSend(*const u8);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> NotSend {
        todo!()
    }
}

fn main() {}
