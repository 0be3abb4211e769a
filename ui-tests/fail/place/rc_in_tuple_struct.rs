use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Account(u64, Rc<u64>);

#[actor]
impl Account {
}

fn main() {}
