use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beat_en(&mut self);
    fn beat__en(&mut self);
}

fn main() {}
