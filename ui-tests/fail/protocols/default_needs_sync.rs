use actor_core::prelude::*;

#[actor]
trait Bidder {
    async fn limit(&self) -> u32;
    async fn twice(&self) -> u32 {
        2 * self.limit().await
    }
}

fn main() {}
