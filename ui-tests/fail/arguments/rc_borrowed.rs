#![allow(unused_variables)]
use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, shared: &Rc<u64>) {}
}

fn main() {}
