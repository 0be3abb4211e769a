use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    pub fn open(&, age: u8) -> u8 {
        age
    }
}

fn main() {
    drop(Account.spawn().open(1));
    drop(AccountMessage::Open { age: 1 });
}
