use actor_core::prelude::*;

#[actor]
struct Client(std::cell::Cell<u32>);

#[actor]
impl Client {}

#[actor]
trait Bidder {
    async fn limit(&self) -> u32;
}

impl Bidder for Client {
    async fn limit(&self) -> u32 {
        std::future::ready(()).await;
        self.0.get()
    }
}

fn main() {}
