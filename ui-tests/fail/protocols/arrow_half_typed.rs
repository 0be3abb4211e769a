use actor_core::prelude::*;

#[actor]
trait Bidder {
    async fn limit(&self) > u32;
}

async fn limit(bidder: BidderHandle) -> Result<u32, CallError> {
    bidder.limit().await
}

fn main() {
    drop(limit);
}
