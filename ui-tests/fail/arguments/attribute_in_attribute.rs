use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    pub fn open(&self, #[#[inline] cfg(all())] name: String, age: u8) -> u8 {
        age
    }
}

fn main() {
    drop(Account.spawn().open(String::new(), 1));
    drop(AccountMessage::Open { name: String::new(), age: 1 });
}
