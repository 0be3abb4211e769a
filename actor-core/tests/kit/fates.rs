//! A handler that came back with an `Err` is told from one that came back with a value, whatever it is and however its message came.

use actor_core::prelude::*;
use actor_core::test::{self, Fate};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

type Outcome = Result<u32, Refused>;

#[derive(Clone, Debug, PartialEq)]
pub struct Refused;

/// Anything can be refused.
#[actor]
struct Till;

/// What it is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    Fine,
    Refused,
}

impl Wish {
    fn outcome(self) -> Outcome {
        match self {
            Wish::Fine => Ok(1),
            Wish::Refused => Err(Refused),
        }
    }
}

#[actor]
impl Till {
    pub fn plain(&mut self, wish: Wish) -> Result<u32, Refused> {
        wish.outcome()
    }
    #[message(result)]
    pub fn alias(&mut self, wish: Wish) -> Outcome {
        wish.outcome()
    }
    pub async fn waits(&mut self, wish: Wish) -> Result<u32, Refused> {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    #[message(concurrent)]
    pub async fn reads(&self, wish: Wish) -> Result<u32, Refused> {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    #[message(interleave)]
    pub fn served(&mut self, wish: Wish) -> Result<u32, Refused> {
        wish.outcome()
    }
    #[message(interleave)]
    pub async fn served_and_waits(&mut self, wish: Wish) -> Result<u32, Refused> {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    pub async fn serves(&mut self, ctx: &mut Context<Self>) {
        ctx.serving(self, tokio::time::sleep(10 * SECOND)).await;
    }
    #[message(result = false)]
    pub fn data(&mut self, wish: Wish) -> Result<u32, Refused> {
        wish.outcome()
    }
    pub fn generic<T: Send + 'static>(&mut self, value: T) -> Result<T, Refused> {
        drop(value);
        Err(Refused)
    }
    pub fn later(&mut self, reply: ReplyTo<Result<u32, Refused>>) {
        reply.send(Err(Refused)).ok();
    }
    pub fn arm(&mut self, ctx: &mut Context<Self>) {
        ctx.after("alias", SECOND, TillMessage::Alias { wish: Wish::Refused });
    }
    pub fn last(self, wish: Wish) -> Result<u32, Refused> {
        wish.outcome()
    }
}

/// The same, of messages that are not the actor's own.
#[actor]
pub trait Refuses: Sync {
    fn foreign(&mut self, wish: Wish) -> Result<u32, Refused>;
    async fn foreign_waits(&mut self, wish: Wish) -> Result<u32, Refused>;
    #[message(concurrent)]
    async fn foreign_reads(&self, wish: Wish) -> Result<u32, Refused>;
    #[message(interleave)]
    fn foreign_served(&mut self, wish: Wish) -> Result<u32, Refused>;
    #[message(interleave)]
    async fn foreign_served_and_waits(&mut self, wish: Wish) -> Result<u32, Refused>;
    fn foreign_later(&mut self, reply: ReplyTo<u32>);
    fn foreign_last(self, wish: Wish) -> Result<u32, Refused>;
}

impl Refuses for Till {
    fn foreign(&mut self, wish: Wish) -> Outcome {
        wish.outcome()
    }
    async fn foreign_waits(&mut self, wish: Wish) -> Outcome {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    async fn foreign_reads(&self, wish: Wish) -> Outcome {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    fn foreign_served(&mut self, wish: Wish) -> Outcome {
        wish.outcome()
    }
    async fn foreign_served_and_waits(&mut self, wish: Wish) -> Outcome {
        tokio::time::sleep(SECOND).await;
        wish.outcome()
    }
    fn foreign_later(&mut self, reply: ReplyTo<u32>) {
        reply.send(7).ok();
    }
    fn foreign_last(self, wish: Wish) -> Outcome {
        wish.outcome()
    }
}

fn till(direct: bool) -> TillHandle {
    Till.spawn_with(Spawn::new().direct(direct))
}

fn last(handle: &impl ActorHandle) -> Vec<(&'static str, Fate)> {
    test::last_messages(handle).iter().map(|handled| (handled.message, handled.fate)).collect()
}

/// Of a value and of an error.
fn both(of: &'static str) -> [(&'static str, Fate); 2] {
    [(of, Fate::Handled), (of, Fate::Failed)]
}

#[tokio::test(start_paused = true)]
async fn of_calls() {
    for direct in [true, false] {
        let till = till(direct);
        for wish in [Wish::Fine, Wish::Refused] {
            assert_eq!(till.plain(wish).await.is_err(), wish == Wish::Refused);
        }
        assert_eq!(last(&till), both("plain"));
        for wish in [Wish::Fine, Wish::Refused] {
            till.alias(wish).await.ok();
            till.waits(wish).await.ok();
            till.reads(wish).await.ok();
        }
        assert_eq!(
            last(&till)[2..],
            [
                ("alias", Fate::Handled),
                ("waits", Fate::Handled),
                ("reads", Fate::Handled),
                ("alias", Fate::Failed),
                ("waits", Fate::Failed),
                ("reads", Fate::Failed),
            ]
        );
        till.last(Wish::Refused).await.unwrap_err();
        assert_eq!(last(&till)[8..], [("last", Fate::Failed)]);
    }
}

#[tokio::test(start_paused = true)]
async fn of_calls_by_a_protocol() {
    for direct in [true, false] {
        let till = till(direct);
        let refuses = RefusesHandle::from(till.clone());
        for wish in [Wish::Fine, Wish::Refused] {
            assert_eq!(refuses.foreign(wish).await.is_err(), wish == Wish::Refused);
        }
        assert_eq!(last(&till), both("foreign"));
        for wish in [Wish::Fine, Wish::Refused] {
            refuses.foreign_waits(wish).await.ok();
            refuses.foreign_reads(wish).await.ok();
        }
        assert_eq!(refuses.foreign_later().await.unwrap(), 7);
        refuses.foreign_last(Wish::Refused).await.unwrap_err();
        assert_eq!(
            last(&till)[2..],
            [
                ("foreign_waits", Fate::Handled),
                ("foreign_reads", Fate::Handled),
                ("foreign_waits", Fate::Failed),
                ("foreign_reads", Fate::Failed),
                ("foreign_later", Fate::Later),
                ("foreign_last", Fate::Failed),
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_is_served_or_read_beside_others() {
    let till = till(true);
    let refuses = RefusesHandle::from(till.clone());
    let serves = till.serves().start();
    test::settle().await;
    for wish in [Wish::Fine, Wish::Refused] {
        till.served(wish).await.ok();
        till.served_and_waits(wish).await.ok();
        refuses.foreign_served(wish).await.ok();
        refuses.foreign_served_and_waits(wish).await.ok();
    }
    serves.await.unwrap();
    let known = last(&till);
    assert_eq!(known[0], ("serves", Fate::Handled));
    for (of, fate) in [(&known[1..5], Fate::Handled), (&known[5..9], Fate::Failed)] {
        let names = ["served", "served_and_waits", "foreign_served", "foreign_served_and_waits"];
        assert_eq!(of, names.map(|name| (name, fate)));
    }
    let (one, two) = (till.reads(Wish::Refused).start(), refuses.foreign_reads(Wish::Fine).start());
    one.await.unwrap_err();
    two.await.unwrap();
    assert_eq!(last(&till)[9..], [("reads", Fate::Failed), ("foreign_reads", Fate::Handled)]);
}

#[tokio::test(start_paused = true)]
async fn of_what_nobody_waits_for() {
    let till = till(true);
    till.plain(Wish::Refused).tell().await.unwrap();
    RefusesHandle::from(till.clone()).foreign(Wish::Refused).try_tell().unwrap();
    till.arm().await.unwrap();
    tokio::time::sleep(2 * SECOND).await;
    test::settle().await;
    let refused = ["plain", "foreign", "alias"].map(|name| (name, Fate::Failed));
    assert_eq!(last(&till), [refused[0], refused[1], ("arm", Fate::Handled), refused[2]]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_error_is_none() {
    let till = till(true);
    assert_eq!(till.data(Wish::Refused).await.unwrap(), Err(Refused));
    till.later().await.unwrap_err();
    till.generic(1).await.unwrap_err();
    assert_eq!(last(&till), [("data", Fate::Handled), ("later", Fate::Later), ("generic", Fate::Handled)]);
}

#[tokio::test(start_paused = true)]
async fn of_mocks_and_of_those_behind_them() {
    let mock = TillHandle::from_fn(|_| async { TillReply::Plain(Err(Refused)) });
    mock.plain(Wish::Fine).await.unwrap_err();
    assert_eq!(last(&mock), [("plain", Fate::Failed)]);
    let till = till(true);
    let (front, _recording) = test::record_names(&till);
    front.plain(Wish::Refused).await.unwrap_err();
    assert_eq!((last(&front), last(&till)), (vec![("plain", Fate::Failed)], vec![("plain", Fate::Failed)]));
}

#[actor]
struct Fragile;

#[actor]
impl Fragile {
    #[on_start]
    fn up(&mut self) -> Result<(), String> {
        Err("no".into())
    }
}

#[tokio::test(start_paused = true)]
async fn of_hooks() {
    let fragile = Fragile.spawn();
    test::expect_exit(&fragile, |reason| matches!(reason, ExitReason::Failed(_))).await;
    assert_eq!(last(&fragile), [("on_start", Fate::Failed)]);
}

/// Its error ends it, and nobody else has it.
#[actor]
struct Glass;

#[actor]
impl Glass {
    #[message(fatal)]
    pub fn fall(&mut self) -> Result<(), String> {
        Err("broken".to_owned())
    }
    #[message(fatal)]
    pub async fn roll(&mut self) -> Result<(), String> {
        tokio::task::yield_now().await;
        self.fall()
    }
}

#[tokio::test]
async fn one_whose_error_ended_its_actor_has_failed() {
    for message in [GlassMessage::Fall, GlassMessage::Roll] {
        let glass = Glass.spawn();
        assert!(glass.fall().await.is_err());
        glass.ask(message).tell().await.unwrap();
        assert!(matches!(glass.stopped().await, ExitReason::Failed(_)));
        let fates: Vec<Fate> = test::last_messages(&glass).iter().map(|handled| handled.fate).collect();
        assert_eq!(fates, [Fate::Failed, Fate::Failed]);
    }
}
