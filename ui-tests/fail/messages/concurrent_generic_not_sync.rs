use actor_core::prelude::*;
use std::cell::Cell;

#[actor]
struct Account {
    balance: Cell<u64>,
}

#[actor]
impl Account {
    #[message(concurrent)]
    pub async fn show<T: Send + 'static>(&self, how: T) {
        drop(how);
    }
}

fn main() {}
