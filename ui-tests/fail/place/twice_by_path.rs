use actor_core::prelude::*;

#[actor]
#[actor_core::actor(mailbox = 1)]
struct Account;

#[actor]
#[::actor_core::actor]
impl Account {}

fn main() {}
