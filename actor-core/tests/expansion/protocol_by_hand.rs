//! What `#[actor]` writes for the protocol of [`super::protocol_by_macro`], written by hand.

use super::TooDear;
use actor_core::macro_support::{
    AnyRoute, By, Extension, HandledBy, Phase, Returned, Route, into_result, leading, letters, reply_to,
};
use actor_core::{
    Actor, ActorHandle, ConcreteHandle, Context, Handle, Message, Policy, RawHandle, ReplyTo, Request,
};
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

// ---- the user's trait: its `async fn`s made `Send`, else untouched ------------------------------------------------------------

/// Whoever bids in an auction.
pub trait Bidder: Sync {
    /// Somebody bid more.
    fn beaten(&mut self, best: u32);
    /// How far this bidder goes.
    fn limit(&self) -> impl Future<Output = u32> + Send;
    /// What it would bid over `best`, beside others that ask.
    fn consider(&self, best: u32) -> impl Future<Output = u32> + Send;
    /// Asks for a bid over `best`.
    fn bid(&mut self, best: u32) -> Result<u32, TooDear>;
    /// Answers later.
    fn ponder(&mut self, about: &str, reply: ReplyTo<usize>);
    /// The last message.
    fn leave(self) -> u32;
}

// ---- from `#[actor]` on the trait --------------------------------------------------------------------------------------------

/// The messages of [`Bidder`].
#[derive(Debug, Clone)]
pub enum BidderMessage {
    /// Somebody bid more.
    Beaten {
        /// `best` of the method.
        best: u32,
    },
    /// How far this bidder goes.
    Limit,
    /// What it would bid over `best`, beside others that ask.
    Consider {
        /// `best` of the method.
        best: u32,
    },
    /// Asks for a bid over `best`.
    Bid {
        /// `best` of the method.
        best: u32,
    },
    /// Answers later.
    Ponder {
        /// `about` of the method.
        about: String,
    },
    /// The last message.
    Leave,
}

/// The replies of [`Bidder`].
#[derive(Debug)]
pub enum BidderReply {
    /// Of `beaten`.
    Beaten(()),
    /// Of `limit`.
    Limit(u32),
    /// Of `consider`.
    Consider(u32),
    /// Of `bid`.
    Bid(Result<u32, TooDear>),
    /// Of `ponder`.
    Ponder(usize),
    /// Of `leave`.
    Leave(u32),
}

impl Message for BidderMessage {
    type Reply = BidderReply;
    fn name(&self) -> &'static str {
        match self {
            BidderMessage::Beaten { .. } => "beaten",
            BidderMessage::Limit => "limit",
            BidderMessage::Consider { .. } => "consider",
            BidderMessage::Bid { .. } => "bid",
            BidderMessage::Ponder { .. } => "ponder",
            BidderMessage::Leave => "leave",
        }
    }
    fn returned(reply: &BidderReply) -> Returned {
        match reply {
            BidderReply::Beaten(..) => Returned::value("beaten"),
            BidderReply::Limit(..) => Returned::value("limit"),
            BidderReply::Consider(..) => Returned::value("consider"),
            BidderReply::Bid(value) => Returned::result("bid", value).told(),
            BidderReply::Ponder(..) => Returned::value("ponder"),
            BidderReply::Leave(..) => Returned::value("leave"),
        }
    }
    const FOREIGN: bool = true;
}

/// For all actors that implement the trait, whoever wrote them.
impl<A: Actor + Bidder> HandledBy<A> for BidderMessage {
    fn policy(&self) -> &'static Policy {
        match self {
            BidderMessage::Beaten { .. } => const { &Policy::plain("beaten") },
            BidderMessage::Limit => const { &Policy::exclusive("limit") },
            BidderMessage::Consider { .. } => const { &Policy::concurrent("consider") },
            BidderMessage::Bid { .. } => const { &Policy::plain("bid").interleave() },
            BidderMessage::Ponder { .. } => const { &Policy::plain("ponder").replies_later() },
            BidderMessage::Leave => const { &Policy::last("leave") },
        }
    }

    fn handle(self, actor: &mut A, ctx: &mut Context<A>) -> Option<BidderReply> {
        match self {
            BidderMessage::Beaten { best } => Some(BidderReply::Beaten(A::beaten(actor, best))),
            BidderMessage::Bid { best } => Some(BidderReply::Bid(A::bid(actor, best))),
            BidderMessage::Ponder { about } => {
                let reply = reply_to::<BidderMessage, _, _>(ctx, BidderReply::Ponder);
                A::ponder(actor, &about, reply);
                None
            }
            _ => None,
        }
    }

    fn handle_exclusive(
        self,
        actor: &mut A,
        _ctx: &mut Context<A>,
    ) -> impl Future<Output = Option<BidderReply>> + Send {
        async move {
            match self {
                BidderMessage::Limit => Some(BidderReply::Limit(A::limit(actor).await)),
                _ => None,
            }
        }
    }

    fn handle_concurrent<'a>(
        self,
        actor: &'a A,
        _ctx: &'a mut Context<A>,
    ) -> impl Future<Output = Option<BidderReply>> + Send {
        async move {
            match self {
                BidderMessage::Consider { best } => {
                    Some(BidderReply::Consider(A::consider(actor, best).await))
                }
                _ => None,
            }
        }
    }

    fn phase(&self) -> Option<Phase<A>> {
        Some(letters)
    }

    fn handle_last(
        self,
        actor: A,
        _ctx: &mut Context<A>,
    ) -> impl Future<Output = Option<BidderReply>> + Send {
        async move {
            match self {
                BidderMessage::Leave => Some(BidderReply::Leave(A::leave(actor))),
                _ => None,
            }
        }
    }
}

/// Handle of any actor that is a [`Bidder`]: a pointer to the actor, and one to the table of how a bidder's messages reach it.
pub struct BidderHandle {
    raw: RawHandle,
    route: Option<&'static Route<BidderMessage>>,
}

impl<H> From<H> for BidderHandle
where
    H: ConcreteHandle,
    H::Actor: Actor + Bidder,
{
    fn from(handle: H) -> Self {
        leading::<H::Actor, Self>(handle.raw())
    }
}

impl Handle for BidderHandle {
    fn raw(&self) -> &RawHandle {
        &self.raw
    }
    fn from_raw(raw: RawHandle) -> Self {
        BidderHandle { raw, route: None }
    }
}

impl ActorHandle for BidderHandle {
    type Message = BidderMessage;
    fn route(&self) -> Option<&'static Route<BidderMessage>> {
        self.route
    }
    fn by_first(self, route: Option<AnyRoute>) -> Self {
        BidderHandle { route: route.and_then(|route| route.downcast_ref()), ..self }
    }
}

impl Clone for BidderHandle {
    fn clone(&self) -> Self {
        BidderHandle { raw: self.raw.clone(), route: self.route }
    }
}

impl fmt::Debug for BidderHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt_as("BidderHandle", f)
    }
}

impl PartialEq for BidderHandle {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for BidderHandle {}

impl Hash for BidderHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl BidderHandle {
    /// Somebody bid more.
    pub fn beaten(&self, best: u32) -> Request<'_, BidderMessage, ()> {
        Request::by(self.raw(), self.route, BidderMessage::Beaten { best }, |reply| match reply {
            BidderReply::Beaten(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// How far this bidder goes.
    pub fn limit(&self) -> Request<'_, BidderMessage, u32> {
        Request::by(self.raw(), self.route, BidderMessage::Limit, |reply| match reply {
            BidderReply::Limit(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// What it would bid over `best`, beside others that ask.
    pub fn consider(&self, best: u32) -> Request<'_, BidderMessage, u32> {
        Request::by(self.raw(), self.route, BidderMessage::Consider { best }, |reply| match reply {
            BidderReply::Consider(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// Asks for a bid over `best`.
    pub fn bid(&self, best: u32) -> Request<'_, BidderMessage, u32, TooDear> {
        Request::by(self.raw(), self.route, BidderMessage::Bid { best }, |reply| match reply {
            BidderReply::Bid(result) => Some(into_result(result)),
            _ => None,
        })
    }

    /// Answers later.
    pub fn ponder(&self, about: impl Into<String>) -> Request<'_, BidderMessage, usize> {
        Request::by(
            self.raw(),
            self.route,
            BidderMessage::Ponder { about: about.into() },
            |reply| match reply {
                BidderReply::Ponder(value) => Some(Ok(value)),
                _ => None,
            },
        )
    }

    /// The last message.
    pub fn leave(&self) -> Request<'_, BidderMessage, u32> {
        Request::by(self.raw(), self.route, BidderMessage::Leave, |reply| match reply {
            BidderReply::Leave(value) => Some(Ok(value)),
            _ => None,
        })
    }
}

// ---- a protocol that extends it ------------------------------------------------------------------------------------------------

/// A bidder that also sells.
pub trait Seller: Bidder {
    /// What it sells.
    fn lots(&self) -> usize;
}

/// The messages of [`Seller`].
#[derive(Debug, Clone)]
pub enum SellerMessage {
    /// What it sells.
    Lots,
}

/// The replies of [`Seller`].
#[derive(Debug)]
pub enum SellerReply {
    /// Of `lots`.
    Lots(usize),
}

impl Message for SellerMessage {
    type Reply = SellerReply;
    fn name(&self) -> &'static str {
        match self {
            SellerMessage::Lots => "lots",
        }
    }
    const FOREIGN: bool = true;
}

impl<A: Actor + Seller> HandledBy<A> for SellerMessage {
    fn first<X: Extension>() -> AnyRoute {
        <<BidderHandle as ActorHandle>::Message as HandledBy<A>>::first::<By<A, Self, X>>()
    }

    fn policy(&self) -> &'static Policy {
        match self {
            SellerMessage::Lots => const { &Policy::plain("lots") },
        }
    }

    fn handle(self, actor: &mut A, _ctx: &mut Context<A>) -> Option<SellerReply> {
        match self {
            SellerMessage::Lots => Some(SellerReply::Lots(A::lots(actor))),
        }
    }
}

/// Handle of any actor that is a [`Seller`]: that of a bidder, whose table leads on to that of a seller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SellerHandle {
    base: BidderHandle,
}

impl Handle for SellerHandle {
    fn raw(&self) -> &RawHandle {
        self.base.raw()
    }
    fn from_raw(raw: RawHandle) -> Self {
        SellerHandle { base: BidderHandle::from_raw(raw) }
    }
}

impl ActorHandle for SellerHandle {
    type Message = SellerMessage;
    fn route(&self) -> Option<&'static Route<SellerMessage>> {
        self.base.route().and_then(Route::extension)
    }
    fn first(&self) -> Option<AnyRoute> {
        self.base.first()
    }
    fn by_first(self, route: Option<AnyRoute>) -> Self {
        SellerHandle { base: self.base.by_first(route) }
    }
}

impl<H> From<H> for SellerHandle
where
    H: ConcreteHandle,
    H::Actor: Actor + Seller,
{
    fn from(handle: H) -> Self {
        leading::<H::Actor, Self>(handle.raw())
    }
}

impl From<SellerHandle> for BidderHandle {
    fn from(handle: SellerHandle) -> Self {
        handle.base
    }
}

impl Deref for SellerHandle {
    type Target = BidderHandle;
    fn deref(&self) -> &BidderHandle {
        &self.base
    }
}

impl SellerHandle {
    /// What it sells.
    pub fn lots(&self) -> Request<'_, SellerMessage, usize> {
        Request::by(self.raw(), self.route(), SellerMessage::Lots, |reply| match reply {
            SellerReply::Lots(value) => Some(Ok(value)),
        })
    }
}
