//! What `#[actor]` writes for a protocol, and the same by hand: one scenario runs on both.

#![expect(unreachable_pub, reason = "written as a library would")]
#![expect(
    clippy::manual_async_fn,
    clippy::unit_arg,
    reason = "what the macro writes is the same for every method"
)]

#[path = "expansion/protocol_by_hand.rs"]
mod protocol_by_hand;
#[path = "expansion/protocol_by_macro.rs"]
mod protocol_by_macro;

/// A bid that is too high for its bidder.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too dear")]
pub struct TooDear;

macro_rules! scenario {
    ($name:ident, $protocol:ident) => {
        #[tokio::test]
        async fn $name() {
            use crate::$protocol::{Bidder, BidderHandle, BidderMessage, BidderReply, Seller, SellerHandle};
            use actor_core::prelude::*;
            use std::collections::HashSet;

            #[actor]
            struct Client(u32);

            #[actor]
            impl Client {
                pub fn raise(&mut self, to: u32) {
                    self.0 = to;
                }
            }

            impl Bidder for Client {
                fn beaten(&mut self, best: u32) {
                    self.0 = self.0.max(best);
                }
                async fn limit(&self) -> u32 {
                    tokio::task::yield_now().await;
                    self.0
                }
                async fn consider(&self, best: u32) -> u32 {
                    tokio::task::yield_now().await;
                    self.0.min(best + 1)
                }
                fn bid(&mut self, best: u32) -> Result<u32, TooDear> {
                    if best < self.0 { Ok(best + 1) } else { Err(TooDear) }
                }
                fn ponder(&mut self, about: &str, reply: ReplyTo<usize>) {
                    let answer = about.len();
                    std::thread::spawn(move || reply.send(answer));
                }
                fn leave(self) -> u32 {
                    self.0
                }
            }

            impl Seller for Client {
                fn lots(&self) -> usize {
                    3
                }
            }

            let client = Client(5).spawn_with(Spawn::new().name("ann"));
            let bidder = BidderHandle::from(client.clone());
            assert_eq!(bidder.beaten(7).await.unwrap(), ());
            assert_eq!(bidder.limit().await.unwrap(), 7);
            assert_eq!(bidder.bid(6).await.unwrap(), 7);
            assert!(matches!(bidder.bid(7).await, Err(CallError::Handler(TooDear))));
            assert_eq!(bidder.ponder("abc").await.unwrap(), 3);
            assert_eq!(bidder.limit().start().await.unwrap(), 7);

            let (one, other) = (bidder.consider(3).start(), bidder.consider(9).start());
            assert_eq!((one.await.unwrap(), other.await.unwrap()), (4, 7));

            client.raise(9).tell().await.unwrap();
            bidder.beaten(11).tell().await.unwrap();
            client.raise(10).tell().await.unwrap();
            assert_eq!(bidder.limit().await.unwrap(), 10, "in order with its own");

            let message = bidder.beaten(3).into_message();
            assert_eq!((message.name(), format!("{message:?}")), ("beaten", "Beaten { best: 3 }".to_owned()));
            let reply = bidder.ask(message.clone()).await.unwrap();
            assert!(matches!(reply, BidderReply::Beaten(())), "{reply:?}");
            assert!(matches!(message, BidderMessage::Beaten { best: 3 }));

            let seller = SellerHandle::from(client.clone());
            assert_eq!(seller.lots().await.unwrap(), 3);
            assert_eq!(seller.bid(0).await.unwrap(), 1);
            let weak = seller.downgrade();
            assert_eq!(weak.upgrade().unwrap().lots().await.unwrap(), 3);
            assert_eq!(BidderHandle::from(seller).bid(0).await.unwrap(), 1);
            let weak = bidder.downgrade();
            assert_eq!(weak.upgrade().unwrap().bid(1).await.unwrap(), 2);
            assert_eq!(bidder.downcast::<ClientHandle>(), Some(client));
            assert_eq!(HashSet::from([bidder.clone(), weak.upgrade().unwrap()]).len(), 1);
            let text = format!("{bidder:?}");
            assert!(text.starts_with("BidderHandle { id: ") && text.ends_with("name: \"ann\" }"), "{text}");

            assert_eq!(bidder.leave().await.unwrap(), 10);
            assert!(matches!(bidder.stopped().await, ExitReason::Finished));
            assert!(matches!(bidder.beaten(1).await, Err(CallError::NotRunning)));
            let refused = bidder.beaten(1).try_tell().unwrap_err();
            assert!(matches!(refused.into_message(), BidderMessage::Beaten { best: 1 }));
        }
    };
}

scenario!(by_hand_and, protocol_by_hand);
scenario!(by_macro_are_the_same, protocol_by_macro);
