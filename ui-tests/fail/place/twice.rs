use actor_core::prelude::*;

#[actor]
#[actor]
struct Account;

#[actor]
impl Account {}

fn main() {}
