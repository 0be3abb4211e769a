//! One mistake in a protocol is one error, whoever uses it.
use actor_core::prelude::*;

#[actor]
struct Client;

#[actor]
impl Client {}

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32) -> u32;
    async fn copy(&self) -> Box<Self>;
    fn then(&mut self, then: impl FnOnce() + Send + 'static, n: u8) -> u8;
}

impl Bidder for Client {
    fn beaten(&mut self, best: u32) -> u32 {
        best
    }
    async fn copy(&self) -> Box<Self> {
        Box::new(Client)
    }
    fn then(&mut self, then: impl FnOnce() + Send + 'static, n: u8) -> u8 {
        then();
        n
    }
}

fn main() {
    let _ = async {
        let bidders: Vec<BidderHandle> = vec![Client.spawn().into()];
        let limit: u32 = bidders[0].beaten(5).await.unwrap();
        bidders[0].then(|| (), 1).await.unwrap();
        let _ = bidders[0].copy().start();
        ActorHandle::stop(&bidders[0]);
        (limit, bidders[0].downcast::<ClientHandle>(), BidderMessage::Beaten { best: 1 })
    };
}
