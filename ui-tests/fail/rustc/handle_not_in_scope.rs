use actor_core::prelude::*;

mod bank {
    #[actor_core::actor]
    pub struct Account;
}
use bank::Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
