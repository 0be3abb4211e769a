use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {}

#[actor]
impl Account {}

fn main() {}
