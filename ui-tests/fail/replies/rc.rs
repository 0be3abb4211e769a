use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> Rc<u64> {
        Rc::new(self.balance)
    }
}

fn main() {}
