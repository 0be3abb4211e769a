use actor_core::prelude::*;

#[actor]
struct Client;

#[actor]
impl Client {}

#[actor]
trait Bidder {
    async fn limit(&mut self) -> u32;
}

impl Bidder for Client {
    async fn limit(&mut self) -> u32 {
        let n = std::rc::Rc::new(1);
        std::future::ready(()).await;
        *n
    }
}

fn main() {}
