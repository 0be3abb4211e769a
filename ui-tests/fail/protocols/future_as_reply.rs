use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn limit(&self) -> impl Future<Output = u32>;
}

fn main() {}
