use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten<'a>(&mut self, by: &'a str);
}

fn main() {}
