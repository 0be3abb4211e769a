use actor_core::prelude::*;

#[actor]
fn account() {}

fn main() {}
