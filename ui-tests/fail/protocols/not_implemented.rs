use actor_core::prelude::*;

#[actor]
struct Client;

#[actor]
impl Client {}

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

fn main() {
    let _ = async { BidderHandle::from(Client.spawn()) };
}
