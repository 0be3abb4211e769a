use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
#[actor]
impl Account {}

fn main() {}
