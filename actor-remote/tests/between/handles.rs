//! Handles within messages and replies.

use crate::account::{Account, AccountHandle};
use actor_core::prelude::*;
use actor_core::{Exit, OutOfSight, RemoteError};
use actor_remote::{Limits, Node, Remote};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Passes on what it hears.
#[actor]
pub struct Listener(mpsc::UnboundedSender<String>);

#[actor(derive(Serialize, Deserialize))]
impl Listener {
    pub fn hear(&mut self, text: String) -> usize {
        let length = text.len();
        self.0.send(text).unwrap();
        length
    }
}

#[actor(derive(Serialize, Deserialize))]
pub trait Speaker {
    fn say(&self) -> String;
}

#[actor]
pub struct Dog;

#[actor]
impl Dog {}

impl Speaker for Dog {
    fn say(&self) -> String {
        "woof".into()
    }
}

#[actor]
#[derive(Default)]
pub struct Board {
    listeners: Vec<ListenerHandle>,
    speakers: Vec<SpeakerHandle>,
    ends: Option<mpsc::UnboundedSender<Exit>>,
}

#[actor(derive(Serialize, Deserialize))]
impl Board {
    pub fn subscribe(&mut self, ctx: &mut Context<Self>, listener: ListenerHandle) {
        if self.ends.is_some() {
            ctx.watch(&listener);
        }
        self.listeners.push(listener);
    }
    pub fn unsubscribe(&mut self, ctx: &mut Context<Self>, listener: ListenerHandle) -> bool {
        ctx.unwatch(&listener);
        let count = self.listeners.len();
        self.listeners.retain(|known| *known != listener);
        self.listeners.len() < count
    }
    pub async fn publish(&mut self, text: String) -> Vec<Result<usize, String>> {
        let mut heard = Vec::new();
        for listener in &self.listeners {
            heard.push(listener.hear(text.clone()).await.map_err(|error| error.to_string()));
        }
        heard
    }
    pub fn listeners(&self) -> Vec<ListenerHandle> {
        self.listeners.clone()
    }
    pub fn each(&self) -> impl Stream<Item = ListenerHandle> + use<> {
        stream::iter(self.listeners.clone())
    }
    /// A new account, which is of whoever asks.
    pub fn open(&self, balance: u64) -> AccountHandle {
        let account = Account::default().spawn();
        account.deposit(balance).try_tell().unwrap();
        account
    }
    pub fn meet(&mut self, speakers: Vec<(String, Option<SpeakerHandle>)>) {
        self.speakers.extend(speakers.into_iter().filter_map(|(_, speaker)| speaker));
    }
    pub async fn ask_all(&self) -> Vec<String> {
        let mut said = Vec::new();
        for speaker in &self.speakers {
            said.push(speaker.say().await.unwrap());
        }
        said
    }
    pub async fn pay(&mut self, account: AccountHandle, amount: u64) -> Result<u64, String> {
        account.deposit(amount).await.map_err(|error| error.to_string())
    }
    pub async fn lets_pay(
        &mut self,
        board: BoardHandle,
        account: AccountHandle,
    ) -> Result<u64, (String, bool)> {
        match board.pay(account, 1).await {
            Ok(balance) => Ok(balance),
            Err(error) => Err((error.to_string(), error.never_ran())),
        }
    }
    pub fn hold(&mut self, reply: ReplyTo<()>, listener: ListenerHandle) {
        drop((reply, listener));
    }
    #[on_exit]
    fn over(&mut self, exit: Exit) {
        if let Some(ends) = &self.ends {
            ends.send(exit).unwrap();
        }
    }
}

/// What is heard of one that has ended.
const GONE: &str = "the actor is not running; the message never ran";

struct Two {
    /// Serves the board, and may not call the other one.
    bank: Node,
    shop: Node,
    there: BoardHandle,
    here: BoardHandle,
    ends: mpsc::UnboundedReceiver<Exit>,
}

async fn two() -> Two {
    let (bank, shop) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    two_of(bank, shop)
}

fn two_of(bank: Node, shop: Node) -> Two {
    bank.allow(shop.key());
    shop.learn(&bank.ticket());
    let (told, ends) = mpsc::unbounded_channel();
    let here = Board { ends: Some(told), ..Board::default() }.spawn();
    bank.serve("board", &here).unwrap();
    let there = BoardHandle::at(&shop, bank.key(), "board");
    Two { bank, shop, there, here, ends }
}

fn listener() -> (ListenerHandle, mpsc::UnboundedReceiver<String>) {
    let (told, heard) = mpsc::unbounded_channel();
    (Listener(told).spawn(), heard)
}

/// In a time that is long enough for anything.
async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future).await.expect("it comes")
}

#[tokio::test]
async fn what_was_given_leads_back() {
    let two = two().await;
    let (listener, mut heard) = listener();
    two.there.subscribe(listener.clone()).await.unwrap();
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5)]);
    assert_eq!(heard.recv().await.unwrap(), "hello");
    // By a tell as well, and a large one.
    let there = two.here.listeners().await.unwrap().remove(0);
    there.hear("again".into()).tell().await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "again");
    assert_eq!(there.hear("x".repeat(200_000)).await.unwrap(), 200_000);
    assert_ne!(there.id(), listener.id());
}

#[tokio::test]
async fn it_leads_to_that_actor_alone() {
    let two = two().await;
    let (listener, _heard) = listener();
    two.shop.serve("ann", &Account::default().spawn()).unwrap();
    two.bank.learn(&two.shop.ticket());
    two.there.subscribe(listener).await.unwrap();
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5)]);
    // The shop lets the bank in, which was never allowed; but not to this one.
    let error = AccountHandle::at(&two.bank, two.shop.key(), "ann").deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::NoSuchActor(_))), "{error:?}");
    assert!(error.never_ran());
    let stranger = Node::local().await.unwrap();
    stranger.learn(&two.shop.ticket());
    let error = AccountHandle::at(&stranger, two.shop.key(), "ann").deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::Refused)), "{error:?}");
}

#[tokio::test]
async fn the_same_actor_is_the_same_handle() {
    let two = two().await;
    let (listener, _heard) = listener();
    let (other, _other_heard) = self::listener();
    for listener in [&listener, &other, &listener] {
        two.there.subscribe(listener.clone()).await.unwrap();
    }
    let known = two.here.listeners().await.unwrap();
    assert!(known[0] == known[2] && known[0] != known[1]);
    assert!(two.there.unsubscribe(listener.clone()).await.unwrap());
    assert!(!two.there.unsubscribe(listener).await.unwrap());
    assert_eq!(two.here.listeners().await.unwrap(), [known[1].clone()]);
}

#[tokio::test]
async fn what_comes_back_is_the_actors_own() {
    let two = two().await;
    let (listener, _heard) = listener();
    two.there.subscribe(listener.clone()).await.unwrap();
    assert_eq!(two.there.listeners().await.unwrap(), std::slice::from_ref(&listener));
    let mut each = two.there.each().await.unwrap();
    assert_eq!(within(each.next()).await.unwrap().unwrap(), listener);
    assert!(each.next().await.is_none());
}

#[tokio::test]
async fn it_keeps_the_actor_until_it_is_dropped_there() {
    let two = two().await;
    let (listener, mut heard) = listener();
    let stopped = listener.stopped();
    two.there.subscribe(listener.clone()).await.unwrap();
    drop(listener);
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5)]);
    assert_eq!(heard.recv().await.unwrap(), "hello");
    let known = two.here.listeners().await.unwrap().remove(0);
    two.here.unsubscribe(known).await.unwrap();
    assert!(matches!(within(stopped).await, ExitReason::Finished));
}

#[tokio::test]
async fn what_nobody_takes_is_let_go() {
    let two = two().await;
    let (listener, _heard) = listener();
    let stopped = listener.stopped();
    two.there.hold(listener).await.unwrap_err();
    let (unsent, _heard) = self::listener();
    let unsent_stopped = unsent.stopped();
    let nobody = BoardHandle::at(&two.shop, two.bank.key(), "nobody");
    nobody.subscribe(unsent).await.unwrap_err();
    assert!(matches!(within(stopped).await, ExitReason::Finished));
    assert!(matches!(within(unsent_stopped).await, ExitReason::Finished));
}

#[tokio::test]
async fn its_end_is_told_there() {
    let mut two = two().await;
    let (listener, _heard) = listener();
    two.there.subscribe(listener.clone()).await.unwrap();
    listener.kill();
    assert!(matches!(within(two.ends.recv()).await.unwrap().reason, ExitReason::Killed));
    let known = two.here.listeners().await.unwrap().remove(0);
    assert!(!known.is_running());
    assert!(matches!(known.hear("?".into()).await, Err(CallError::NotRunning)));
}

#[tokio::test]
async fn with_the_connection_it_is_let_go_and_out_of_sight() {
    let mut two = two().await;
    let (listener, _heard) = listener();
    let stopped = listener.stopped();
    two.there.subscribe(listener).await.unwrap();
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5)]);
    two.shop.forbid(two.bank.key());
    let reason = within(two.ends.recv()).await.unwrap().reason;
    assert!(OutOfSight::of(&reason).is_some(), "{reason:?}");
    assert!(matches!(within(stopped).await, ExitReason::Finished));
    // It can be given anew.
    let (listener, _heard) = self::listener();
    two.there.subscribe(listener).await.unwrap();
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Err(GONE.into()), Ok(5)]);
}

#[tokio::test]
async fn whoever_gave_it_may_forget_whom_he_gave_it_to() {
    let two = two().await;
    let (listener, mut heard) = listener();
    two.there.subscribe(listener).await.unwrap();
    // The last handle to the other node, and so its connection.
    drop(two.there);
    assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5)]);
    assert_eq!(heard.recv().await.unwrap(), "hello");
}

#[tokio::test]
async fn a_reply_gives_an_actor_that_is_of_whoever_asked() {
    let two = two().await;
    let account = two.there.open(40).await.unwrap();
    assert_eq!(account.deposit(2).await.unwrap(), 42);
    let closed = account.close().await.unwrap();
    assert_eq!(closed, 42);
    assert!(matches!(within(account.stopped()).await, ExitReason::Finished));
    // To give it to another is to lend it on.
    let account = two.there.open(1).await.unwrap();
    assert_eq!(two.there.pay(account.clone(), 1).await.unwrap(), 2);
    two.bank.close().await;
    let reason = within(account.stopped()).await;
    assert!(OutOfSight::of(&reason).is_some(), "{reason:?}");
}

#[tokio::test]
async fn protocols() {
    let two = two().await;
    let dog = SpeakerHandle::from(Dog.spawn());
    two.there.meet(vec![("dog".into(), Some(dog.clone())), ("nobody".into(), None)]).await.unwrap();
    assert_eq!(two.here.ask_all().await.unwrap(), ["woof"]);
    drop(dog);
    assert_eq!(two.here.ask_all().await.unwrap(), ["woof"]);
}

#[tokio::test]
async fn a_name_is_passed_on_as_a_name() {
    let two = two().await;
    let home = Node::local().await.unwrap();
    home.allow(two.shop.key());
    two.shop.learn(&home.ticket());
    home.serve("ann", &Account::default().spawn()).unwrap();
    let account = AccountHandle::at(&two.shop, home.key(), "ann");
    // The bank learns where it is, but has no right there.
    let error = two.there.pay(account.clone(), 5).await.unwrap_err();
    let CallError::Handler(text) = error else { panic!("{error:?}") };
    assert!(text.contains("lets nobody in with this key"), "{text}");
    home.allow(two.bank.key());
    while two.there.pay(account.clone(), 5).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(account.deposit(1).await.unwrap(), 6);
    // One of the bank's own.
    two.bank.serve("bob", &Account::default().spawn()).unwrap();
    let bob = AccountHandle::at(&two.shop, two.bank.key(), "bob");
    assert_eq!(two.there.pay(bob.clone(), 5).await.unwrap(), 5);
    assert_eq!(bob.deposit(1).await.unwrap(), 6);
}

#[tokio::test]
async fn who_may_not_call_by_name_gives_no_names() {
    let two = two().await;
    two.shop.serve("ann", &Account::default().spawn()).unwrap();
    let ann = AccountHandle::at(&two.shop, two.shop.key(), "ann");
    let board = Board::default().spawn();
    let error = two.there.lets_pay(board.clone(), ann.clone()).await.unwrap_err();
    let CallError::Handler((text, true)) = error else { panic!("{error:?}") };
    assert!(text.contains("a name from one who may not call by name"), "{text}");
    // What it was lent it may lend, or give back; and once it may call by name, it may name.
    let lent = Account::default().spawn();
    assert_eq!(two.there.lets_pay(board.clone(), lent).await.unwrap(), 1);
    two.shop.allow(two.bank.key());
    assert_eq!(two.there.lets_pay(board, ann).await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_lent_is_lent_on() {
    let two = two().await;
    let home = Node::local().await.unwrap();
    two.bank.learn(&home.ticket());
    home.allow(two.bank.key());
    home.serve("board", &Board::default().spawn()).unwrap();
    let (listener, mut heard) = listener();
    two.there.subscribe(listener.clone()).await.unwrap();
    let lent = two.here.listeners().await.unwrap().remove(0);
    let at_home = BoardHandle::at(&two.bank, home.key(), "board");
    at_home.subscribe(lent).await.unwrap();
    assert_eq!(at_home.publish("hello".into()).await.unwrap(), [Ok(5)]);
    assert_eq!(heard.recv().await.unwrap(), "hello");
    listener.stop();
    while at_home.publish("hello".into()).await.unwrap() != [Err(GONE.into())] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn no_more_are_given_or_taken_than_allowed() {
    let few = Limits { handles: 2, ..Limits::default() };
    let node = |limits: Limits| Node::builder().bind(([127, 0, 0, 1], 0)).limits(limits).start();
    for (bank, shop) in [(few.clone(), Limits::default()), (Limits::default(), few)] {
        let two = two_of(node(bank).await.unwrap(), node(shop).await.unwrap());
        let (given, _heard): (Vec<_>, Vec<_>) = (0..3).map(|_| listener()).unzip();
        two.there.subscribe(given[0].clone()).await.unwrap();
        two.there.subscribe(given[1].clone()).await.unwrap();
        let error = two.there.subscribe(given[2].clone()).await.unwrap_err();
        assert!(matches!(error, CallError::Remote(RemoteError::Codec(_))) && error.never_ran(), "{error:?}");
        // The same one counts once, and one that is let go does not.
        two.there.subscribe(given[0].clone()).await.unwrap();
        assert_eq!(two.here.publish("hello".into()).await.unwrap(), [Ok(5), Ok(5), Ok(5)]);
        assert!(two.there.unsubscribe(given[0].clone()).await.unwrap());
        within(async {
            while two.there.subscribe(given[2].clone()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_handle_is_no_data() {
    let (listener, _heard) = listener();
    let error = postcard::to_allocvec(&listener).unwrap_err();
    assert!(matches!(error, postcard::Error::SerdeSerCustom), "{error:?}");
    postcard::from_bytes::<ListenerHandle>(&[0]).unwrap_err();
    postcard::from_bytes::<ListenerHandle>(&[1, 1]).unwrap_err();
}

#[tokio::test]
async fn through_ones_own_node() {
    let node = Node::local().await.unwrap();
    let board = Board::default().spawn();
    node.serve("board", &board).unwrap();
    let own = BoardHandle::at(&node, node.key(), "board");
    let (listener, _heard) = listener();
    own.subscribe(listener.clone()).await.unwrap();
    assert_eq!(board.listeners().await.unwrap(), std::slice::from_ref(&listener));
    assert_eq!(own.listeners().await.unwrap(), [listener]);
}
