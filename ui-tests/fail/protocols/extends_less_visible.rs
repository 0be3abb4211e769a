use actor_core::prelude::*;

#[actor]
trait Visitor {
    fn greet(&mut self);
}

#[actor(extends = Visitor)]
pub trait Bidder: Visitor {
    fn bid(&mut self) -> u32;
}

fn main() {}
