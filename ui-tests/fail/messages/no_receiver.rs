use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message]
    pub fn open() -> Self {
        Account { balance: 0 }
    }
}

fn main() {}
