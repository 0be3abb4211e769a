use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    pub fn (&self, age: u8) open -> u8 {
        age
    }
}

fn main() {
    drop(Account.spawn().open(1));
}
