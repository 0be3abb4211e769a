//! A type of the user's own that is called as the library's.

use actor_core::prelude::{Actor as _, actor};

pub struct Request<'a, T>(&'a T);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn ask(&self) -> Request<u64> {
        Request(&self.balance)
    }
}

fn main() {
    drop(Account { balance: 0 }.spawn());
}
