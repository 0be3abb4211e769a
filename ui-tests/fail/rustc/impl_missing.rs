use actor_core::prelude::*;

#[actor]
struct Account;

fn main() {}
