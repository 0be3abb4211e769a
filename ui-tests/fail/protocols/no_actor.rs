use actor_core::prelude::*;

struct Client;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

impl Bidder for Client {
    fn beaten(&mut self, _: u32) {}
}

fn main() {
    let _ = BidderHandle::from(Client);
}
