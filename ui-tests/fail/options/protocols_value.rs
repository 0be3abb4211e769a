use actor_core::prelude::*;

#[actor(protocols = true)]
struct Account;

#[actor(protocol)]
struct Vault;

#[actor]
struct Safe;

#[actor(protocols)]
impl Safe {}

fn main() {}
