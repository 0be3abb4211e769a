use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Account {
    balance: Rc<u64>,
}

#[actor]
impl Account {
}

fn main() {}
