//! Handlers as plain methods.

use actor_core::prelude::*;
use actor_core::test::{self, Effect};
use actor_core::{Exit, MissedTickBehavior, Supervise};
use futures::executor::block_on;
use futures::{FutureExt, join, stream};
use std::time::Duration;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

#[actor]
#[derive(Default)]
struct Account {
    balance: u64,
    lost: Vec<String>,
    full: bool,
}

#[actor(derive(Debug), derive_message(PartialEq))]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    pub async fn pay(
        &mut self,
        ctx: &mut Context<Self>,
        to: AccountHandle,
        amount: u64,
    ) -> Result<u64, CallError> {
        let theirs = ctx.serving(self, to.deposit(amount)).await?;
        self.balance -= amount;
        Ok(theirs)
    }

    #[message(interleave)]
    pub fn balance(&self) -> u64 {
        self.balance
    }

    #[message(interleave)]
    pub async fn slowly(&mut self, gate: AccountHandle) -> u64 {
        gate.deposit(0).await.ok();
        self.balance
    }

    pub fn remind(&mut self, ctx: &mut Context<Self>) {
        ctx.after("late", MINUTE, AccountMessage::Deposit { amount: 1 });
        ctx.every(7, Duration::from_secs(1), || AccountMessage::Balance);
        ctx.every_with("beat", MINUTE, MissedTickBehavior::Burst, || AccountMessage::Balance);
    }

    pub fn forget(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.cancel("late") | ctx.cancel("never")
    }

    pub fn again(&mut self, ctx: &mut Context<Self>) {
        ctx.handle().deposit(1).try_tell().unwrap();
        ctx.handle().with(|this| this.balance).try_tell().unwrap();
        ctx.handle().urge().try_tell().unwrap();
    }

    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Self) -> R + Send + 'static) -> R {
        f(self)
    }

    #[message(urgent)]
    pub fn urge(&mut self) {
        self.balance += 100;
    }

    #[message(when = self.full)]
    pub fn take(&mut self) -> u64 {
        std::mem::take(&mut self.balance)
    }

    #[message(concurrent)]
    pub async fn read(&self, ctx: &mut Context<Self>) -> u64 {
        ctx.after("read", MINUTE, AccountMessage::Balance);
        self.balance
    }

    pub fn hire(&mut self, ctx: &mut Context<Self>) -> AccountHandle {
        let child = ctx.spawn_with(Account::default(), Spawn::new().name("child"));
        ctx.supervised(Supervise::permanent(), Account::default);
        ctx.watch(&child);
        child
    }

    pub fn leave(&mut self, ctx: &mut Context<Self>, whom: AccountHandle) {
        ctx.unwatch(&whom);
    }

    #[on_exit]
    fn lost(&mut self, exit: Exit) {
        self.lost.push(format!("{}: {}", exit.name.as_deref().unwrap_or("?"), exit.reason));
    }

    pub fn fetch(&mut self, ctx: &mut Context<Self>, from: AccountHandle, reply: ReplyTo<u64>) {
        let pending = from.deposit(0).start();
        ctx.then(pending, |this, ctx, theirs| {
            this.balance = theirs.unwrap_or(0);
            if this.balance == 0 {
                ctx.stop();
            }
            reply.send(this.balance).ok();
        });
    }

    pub fn listen(&mut self, ctx: &mut Context<Self>) {
        ctx.attach(stream::iter([1, 2]), |amount| AccountMessage::Deposit { amount });
    }

    pub fn give_up(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("no money");
        ctx.stop();
    }

    pub fn breaks(&mut self) {
        panic!("broke");
    }

    pub fn close(self) -> u64 {
        self.balance
    }

    pub fn patience(&self, ctx: &mut Context<Self>) -> (Option<Instant>, bool) {
        (ctx.deadline(), ctx.caller_gone())
    }

    pub async fn until_gone(&self, ctx: &mut Context<Self>) {
        ctx.cancelled().await;
    }
}

fn account(balance: u64) -> Account {
    Account { balance, ..Account::default() }
}

#[test]
fn timers_are_armed_and_fire_when_the_test_says_so() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    account.remind(&mut ctx);
    assert_eq!(
        ctx.effects(),
        [
            Effect::after("late", MINUTE, "deposit"),
            Effect::every(7, Duration::from_secs(1)),
            Effect::every("beat", MINUTE)
        ]
    );
    assert!(ctx.is_armed("late") && ctx.is_armed(7) && !ctx.is_armed("other"));
    assert_eq!(ctx.fire("late"), Some(AccountMessage::Deposit { amount: 1 }));
    assert_eq!((ctx.fire("late"), ctx.is_armed("late")), (None, false));
    assert_eq!((ctx.fire(7), ctx.fire(7)), (Some(AccountMessage::Balance), Some(AccountMessage::Balance)));

    account.remind(&mut ctx);
    drop(ctx.effects());
    assert!(account.forget(&mut ctx));
    let never = Effect::Cancel { key: "never".into(), was_armed: false };
    assert_eq!(ctx.effects(), [Effect::cancel("late"), never]);
    assert_eq!(ctx.fire("late"), None);
}

#[test]
fn what_it_sends_itself_lies_in_the_mailbox() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    account.again(&mut ctx);
    assert_eq!(ctx.queued(), ["urge", "deposit", "with"]);
    assert_eq!(ctx.queued(), ["urge", "deposit", "with"], "a look takes nothing");
    assert_eq!(ctx.take_messages(), [AccountMessage::Urge, AccountMessage::Deposit { amount: 1 }]);
    assert_eq!(ctx.queued(), ["with"]);

    account.again(&mut ctx);
    block_on(async {
        let mut ran = Vec::new();
        while let Some(name) = ctx.run_next(&mut account).await {
            ran.push(name);
        }
        assert_eq!(ran.len(), 4, "{ran:?}");
    });
    assert_eq!(account.balance, 101);
}

#[test]
fn a_call_to_itself_is_answered_when_it_runs() {
    let (mut ctx, mut account) = (Context::<Account>::test(), account(1));
    let (deposit, lost) = (ctx.handle().deposit(2).start(), ctx.handle().deposit(5).start());
    let read = ctx.handle().read().start();
    block_on(async {
        assert_eq!(ctx.run_next(&mut account).await, Some("deposit"));
        assert_eq!(deposit.await.unwrap(), 3);
        assert_eq!(ctx.take_messages().len(), 2);
        assert!(matches!(lost.await, Err(CallError::NotRunning)));
        assert!(matches!(read.await, Err(CallError::NotRunning)));
        let read = ctx.handle().read().start();
        assert_eq!(ctx.run_next(&mut account).await, Some("read"));
        assert_eq!(read.await.unwrap(), 3);
    });
    // A reader's timer is the actor's.
    assert!(ctx.is_armed("read"));
}

#[test]
fn a_guard_keeps_its_message_back() {
    let (mut ctx, mut account) = (Context::<Account>::test(), account(5));
    let taken = ctx.handle().take().start();
    let put = ctx.handle().deposit(1).start();
    block_on(async {
        assert_eq!(ctx.run_next(&mut account).await, Some("deposit"));
        assert_eq!(ctx.run_next(&mut account).await, None);
        account.full = true;
        assert_eq!(ctx.run_next(&mut account).await, Some("take"));
        assert_eq!((put.await.unwrap(), taken.await.unwrap()), (6, 6));
    });
}

#[test]
fn an_async_handler_needs_no_runtime() {
    let (bob, mut probe) = test::probe::<AccountHandle>();
    let (mut ctx, mut ann) = (Context::test(), account(10));
    block_on(async {
        let neighbour = async {
            let call = probe.expect().await;
            assert_eq!(call.message(), &AccountMessage::Deposit { amount: 3 });
            assert!(call.reply(AccountReply::Deposit(8)));
        };
        let (paid, ()) = join!(ann.pay(&mut ctx, bob, 3), neighbour);
        assert_eq!(paid.unwrap(), 8);
    });
    assert_eq!(ann.balance, 7);
}

#[test]
fn serving_serves_what_the_test_puts_there() {
    let (bob, mut probe) = test::probe::<AccountHandle>();
    let (mut ctx, mut ann) = (Context::<Account>::test(), account(10));
    let handle = ctx.handle();
    let (gate, mut opens) = test::probe::<AccountHandle>();
    block_on(async {
        let neighbour = async {
            let call = probe.expect().await;
            // It waits in `serving` by now, for this and for others.
            let (balance, slowly) = (handle.balance().start(), handle.slowly(gate).start());
            let ordinary = handle.deposit(1).start();
            assert_eq!(balance.await.unwrap(), 10);
            opens.expect().await.reply(AccountReply::Deposit(0));
            assert_eq!(slowly.await.unwrap(), 10);
            assert!(ordinary.now_or_never().is_none());
            call.reply(AccountReply::Deposit(8));
        };
        let (paid, ()) = join!(ann.pay(&mut ctx, bob, 3), neighbour);
        assert_eq!(paid.unwrap(), 8);
    });
}

#[test]
fn a_continuation_runs_when_its_future_has_ended() {
    let (bob, mut probe) = test::probe::<AccountHandle>();
    let (mut ctx, mut account) = (Context::test(), account(10));
    let (reply, mut answer) = ReplyTo::test();
    account.fetch(&mut ctx, bob, reply);
    assert_eq!(ctx.effects(), [Effect::Then]);
    assert!(ctx.run_next(&mut account).now_or_never().is_none(), "its future has not ended");
    probe.try_expect().unwrap().reply(AccountReply::Deposit(4));
    assert!(answer.is_open());
    assert_eq!(block_on(ctx.run_next(&mut account)), Some("then"));
    assert_eq!((account.balance, answer.take().unwrap().unwrap()), (4, 4));
    assert!(ctx.ending().is_none());
    assert_eq!(block_on(ctx.run_next(&mut account)), None);
}

#[test]
fn a_continuation_is_woken_by_what_it_waits_for() {
    let (bob, mut probe) = test::probe::<AccountHandle>();
    let (mut ctx, mut account) = (Context::test(), account(10));
    let (reply, answer) = ReplyTo::test();
    account.fetch(&mut ctx, bob, reply);
    let answers = std::thread::spawn(move || {
        while probe.try_expect().is_none_or(|call| !call.reply(AccountReply::Deposit(0))) {}
    });
    assert_eq!(block_on(ctx.run_next(&mut account)), Some("then"));
    assert_eq!(block_on(answer).unwrap(), 0);
    assert_eq!(ctx.effects(), [Effect::Then, Effect::Stop]);
    answers.join().unwrap();
}

#[test]
fn a_stream_is_driven_by_hand() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    account.listen(&mut ctx);
    assert_eq!(ctx.effects(), [Effect::Attach]);
    block_on(async {
        assert_eq!(ctx.run_next(&mut account).await, Some("deposit"));
        assert_eq!(account.balance, 1);
        assert_eq!(ctx.run_next(&mut account).await, Some("deposit"));
        assert_eq!(ctx.run_next(&mut account).await, None);
    });
    assert_eq!(account.balance, 3);
}

#[test]
fn children_and_watches_are_recorded_without_a_runtime() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    let child = account.hire(&mut ctx);
    let effects = ctx.effects();
    let [spawned, Effect::Spawn { kind: "Account", name: None, .. }, watched] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(spawned, &Effect::Spawn { id: child.id(), name: Some("child".into()), kind: "Account" });
    assert_eq!(watched, &Effect::Watch(child.id()));
    account.leave(&mut ctx, child.clone());
    assert_eq!(ctx.effects(), [Effect::Unwatch(child.id())]);
    // It does not run, and ends with its parent at the latest.
    let pending = child.deposit(1).start();
    drop(ctx);
    assert!(matches!(block_on(pending), Err(CallError::NotRunning)));
    assert!(matches!(block_on(child.stopped()), ExitReason::Killed | ExitReason::Stopped));
}

#[tokio::test(start_paused = true)]
async fn children_run_on_a_runtime() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    let child = account.hire(&mut ctx);
    assert_eq!(child.deposit(1).await.unwrap(), 1);
    child.kill();
    test::settle().await;
    let exit = ctx.next_exit().unwrap();
    account.lost(exit);
    assert_eq!(account.lost, ["child: killed"]);
    assert!(ctx.next_exit().is_none());

    let child = account.hire(&mut ctx);
    drop(ctx);
    test::expect_exit(&child, |_| true).await;
}

#[test]
fn an_end_is_asked_for_once() {
    let (mut ctx, mut account) = (Context::test(), account(0));
    account.give_up(&mut ctx);
    assert_eq!(ctx.effects(), [Effect::Fail("no money".into()), Effect::Stop]);
    assert_eq!(ctx.ending().unwrap().to_string(), "failed: no money");
}

#[test]
fn the_test_is_the_caller() {
    let mut ctx = Context::test();
    let account = account(0);
    assert_eq!(account.patience(&mut ctx), (None, false));
    let at = Instant::now() + MINUTE;
    ctx.set_deadline(at);
    assert_eq!(account.patience(&mut ctx), (Some(at), false));
    assert!(account.until_gone(&mut ctx).now_or_never().is_none());
    ctx.caller_leaves();
    assert_eq!(account.patience(&mut ctx), (Some(at), true));
    block_on(account.until_gone(&mut ctx));
    // Another context has its own.
    assert_eq!(account.patience(&mut Context::test()), (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_passes_on_a_runtime() {
    let mut ctx = Context::test();
    ctx.set_deadline(Instant::now() + MINUTE);
    let began = Instant::now();
    account(0).until_gone(&mut ctx).await;
    assert_eq!(began.elapsed(), MINUTE);
}

#[test]
fn what_runs_as_a_message_has_its_own_caller() {
    let (mut ctx, mut account) = (Context::<Account>::test(), account(0));
    ctx.set_deadline(Instant::now() + MINUTE);
    let patience = ctx.handle().patience().start();
    block_on(async {
        ctx.run_next(&mut account).await;
        assert_eq!(patience.await.unwrap(), (None, false));
    });
}

#[test]
fn a_panic_is_the_tests() {
    let (mut ctx, mut account) = (Context::<Account>::test(), account(0));
    ctx.handle().breaks().try_tell().unwrap();
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(ctx.run_next(&mut account))));
    let text = *ran.unwrap_err().downcast::<String>().unwrap();
    assert!(text.starts_with("panicked in `breaks` at ") && text.ends_with(": broke"), "{text}");
}

#[test]
#[should_panic(expected = "`close` takes the actor by value: call it as a method")]
fn the_last_message_takes_the_actor() {
    let (mut ctx, mut account) = (Context::<Account>::test(), account(0));
    ctx.handle().close().try_tell().unwrap();
    block_on(ctx.run_next(&mut account));
}

#[test]
fn it_has_the_name_that_it_is_given() {
    let ctx = Context::<Account>::test_with(Spawn::new().name("ann"));
    assert_eq!((ctx.name(), ctx.handle().name()), (Some("ann"), Some("ann")));
    assert_eq!(ctx.id(), ctx.handle().id());
}

#[test]
fn one_that_asks_it_hears_when_it_goes() {
    let ctx = Context::<Account>::test();
    let (handle, pending) = (ctx.handle(), ctx.handle().deposit(1).start());
    drop(ctx);
    assert!(matches!(block_on(pending), Err(CallError::NotRunning)));
    assert!(matches!(block_on(handle.stopped()), ExitReason::Stopped));
    assert!(handle.deposit(1).try_tell().is_err());
}

/// As by hand: with the actor's reply type.
#[test]
fn a_reply_by_hand_is_seen() {
    let mut ctx = Context::<Account>::test();
    assert!(ctx.reply().is_none());
    ctx.reply_to(AccountReply::Deposit).send(7).unwrap();
    assert!(matches!(ctx.reply(), Some(Ok(AccountReply::Deposit(7)))));
    drop(ctx.reply_to(AccountReply::Deposit));
    assert!(matches!(ctx.reply(), Some(Err(CallError::Dropped))));
}
