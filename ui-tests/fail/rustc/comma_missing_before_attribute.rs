use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    pub fn open(&self, name: String #[cfg(any())] gone: Gone, mut age: u8) -> u8 {
        age += 1;
        age
    }
}

fn main() {
    drop(Account.spawn().open(String::new(), 1));
}
