use actor_core::prelude::*;

#[actor]
trait Bidder: Iterator {
    fn next_bid(&mut self) -> Self::Item;
}

fn main() {}
