use actor_core::prelude::*;

trait Bidder {}

#[actor]
impl dyn Bidder {}

fn main() {}
