use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten; (&mut self, best: u32);
    fn limit(&self) -> u32;
}

async fn limit(bidder: BidderHandle) -> Result<u32, CallError> {
    drop(bidder.beaten(1).await);
    bidder.limit().await
}

fn main() {
    drop(limit);
}
