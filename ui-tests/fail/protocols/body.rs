//! An error in a default body is one error, and stays there.
use actor_core::prelude::*;

#[actor]
trait Bidder: Sync {
    async fn limit(&self) -> u32 {
        "much"
    }
    fn beaten(&mut self) {
        self.nothing();
    }
}

fn main() {}
