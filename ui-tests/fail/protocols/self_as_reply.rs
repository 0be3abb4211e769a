use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn copy(&self) -> Option<Self>;
}

fn main() {}
