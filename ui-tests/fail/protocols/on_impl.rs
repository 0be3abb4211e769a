use actor_core::prelude::*;

#[actor]
struct Client;

#[actor]
impl Client {}

#[actor]
trait Bidder {
    fn beaten(&mut self);
}

#[actor]
impl Bidder for Client {
    fn beaten(&mut self) {}
}

fn main() {
    let _ = async { BidderHandle::from(Client.spawn()).beaten().await };
}
