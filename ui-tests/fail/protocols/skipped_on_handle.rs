use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
    #[message(skip)]
    fn private(&self) {}
}

#[actor(protocols)]
struct Client;

impl Bidder for Client {
    fn beaten(&mut self, best: u32) {
        let _ = best;
        self.private();
    }
}

fn main() {
    let client: BidderHandle = Client.spawn().into();
    client.private();
}
