//! What `#[actor]` writes for the account of [`super::by_macro`], written by hand.
//!
//! It is the specification of the expansion, and an example of an actor without the macro. Only hygiene differs: the macro
//! uses absolute paths and marks its code as generated.

use super::{Closed, Overdrawn};
use actor_core::macro_support::{Declared, HookOutcome, Returned, into_result, timeout_of};
use actor_core::{
    Actor, ActorHandle, CallError, ConcreteHandle, Config, Context, Handle, HookError, Message, Policy,
    RawHandle, ReplyTo, Request,
};
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

// ---- the user's struct ---------------------------------------------------------------------------------------------------

/// An account that never goes below zero.
pub struct Account {
    owner: String,
    balance: u64,
    log: Arc<Mutex<Vec<String>>>,
}

// ---- from `#[actor]` on the struct: the handle, and what the impl block needs to know of the struct -------------------------

/// Handle of an [`Account`].
///
/// That of a generic actor has a second field, a `PhantomData<fn() -> (PhantomData<T>,)>`.
pub struct AccountHandle {
    raw: RawHandle,
}

impl Handle for AccountHandle {
    fn raw(&self) -> &RawHandle {
        &self.raw
    }
    fn from_raw(raw: RawHandle) -> Self {
        AccountHandle { raw }
    }
}

impl Clone for AccountHandle {
    fn clone(&self) -> Self {
        AccountHandle { raw: self.raw.clone() }
    }
}

impl fmt::Debug for AccountHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt_as("AccountHandle", f)
    }
}

impl PartialEq for AccountHandle {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for AccountHandle {}

impl Hash for AccountHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl ConcreteHandle for AccountHandle {
    type Actor = Account;
}

impl Declared for Account {
    type Handle = AccountHandle;
    fn config() -> Config {
        Config::new().mailbox(16)
    }
}

// ---- the user's impl block, untouched ------------------------------------------------------------------------------------

impl Account {
    /// Opens an account.
    pub fn open(owner: impl Into<String>, log: Arc<Mutex<Vec<String>>>) -> Self {
        Account { owner: owner.into(), balance: 0, log }
    }

    fn begin(&mut self) -> Result<(), Closed> {
        self.note("begin");
        if self.owner.is_empty() { Err(Closed) } else { Ok(()) }
    }

    async fn end(&mut self, ctx: &mut Context<Self>) {
        self.note(&format!("end of {}", ctx.name().unwrap_or("nobody")));
    }

    /// Adds `amount` and returns the new balance.
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    /// Takes `amount` away.
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
        self.balance =
            self.balance.checked_sub(amount).ok_or(Overdrawn { balance: self.balance, asked: amount })?;
        Ok(self.balance)
    }

    /// The owner's name.
    pub fn rename(&mut self, owner: &str) -> String {
        std::mem::replace(&mut self.owner, owner.to_owned())
    }

    /// Moves `amount` to another account.
    pub async fn pay(&mut self, to: AccountHandle, amount: u64) -> Result<(), CallError<Overdrawn>> {
        self.withdraw(amount).map_err(CallError::Handler)?;
        to.deposit(amount).await.map_err(CallError::widen)?;
        Ok(())
    }

    /// Answers later.
    pub fn balance_later(&self, reply: ReplyTo<u64>) {
        let balance = self.balance;
        std::thread::spawn(move || reply.send(balance));
    }

    /// The last message.
    pub fn close(self) -> u64 {
        self.balance
    }

    fn note(&self, what: &str) {
        self.log.lock().unwrap().push(what.to_owned());
    }
}

// ---- from `#[actor]` on the impl block -----------------------------------------------------------------------------------

/// The messages of an [`Account`].
#[derive(Debug, Clone)]
pub enum AccountMessage {
    /// Adds `amount` and returns the new balance.
    Deposit {
        /// `amount` of the method.
        amount: u64,
    },
    /// Takes `amount` away.
    Withdraw {
        /// `amount` of the method.
        amount: u64,
    },
    /// The owner's name.
    Rename {
        /// `owner` of the method.
        owner: String,
    },
    /// Moves `amount` to another account.
    Pay {
        /// `to` of the method.
        to: AccountHandle,
        /// `amount` of the method.
        amount: u64,
    },
    /// Answers later.
    BalanceLater,
    /// The last message.
    Close,
}

/// The replies of an [`Account`].
#[derive(Debug)]
pub enum AccountReply {
    /// Of `deposit`.
    Deposit(u64),
    /// Of `withdraw`.
    Withdraw(Result<u64, Overdrawn>),
    /// Of `rename`.
    Rename(String),
    /// Of `pay`.
    Pay(Result<(), CallError<Overdrawn>>),
    /// Of `balance_later`.
    BalanceLater(u64),
    /// Of `close`.
    Close(u64),
}

impl Message for AccountMessage {
    type Reply = AccountReply;
    fn name(&self) -> &'static str {
        match self {
            AccountMessage::Deposit { .. } => "deposit",
            AccountMessage::Withdraw { .. } => "withdraw",
            AccountMessage::Rename { .. } => "rename",
            AccountMessage::Pay { .. } => "pay",
            AccountMessage::BalanceLater => "balance_later",
            AccountMessage::Close => "close",
        }
    }
    fn returned(reply: &AccountReply) -> Returned {
        match reply {
            AccountReply::Deposit(..) => Returned::value("deposit"),
            AccountReply::Withdraw(value) => Returned::result("withdraw", value).told(),
            AccountReply::Rename(..) => Returned::value("rename"),
            AccountReply::Pay(value) => Returned::result("pay", value).told(),
            AccountReply::BalanceLater(..) => Returned::value("balance_later"),
            AccountReply::Close(..) => Returned::value("close"),
        }
    }
}

impl ActorHandle for AccountHandle {
    type Message = AccountMessage;
    fn timeout_of(message: &AccountMessage) -> Option<fn() -> Duration> {
        timeout_of::<Account>(message)
    }
}

impl Actor for Account {
    type Message = AccountMessage;
    type Handle = AccountHandle;

    fn config() -> Config {
        <Self as Declared>::config()
    }

    fn policy(message: &AccountMessage) -> &'static Policy {
        match message {
            AccountMessage::Deposit { .. } => const { &Policy::plain("deposit") },
            AccountMessage::Withdraw { .. } => const { &Policy::plain("withdraw") },
            AccountMessage::Rename { .. } => const { &Policy::plain("rename") },
            AccountMessage::Pay { .. } => {
                const { &Policy::exclusive("pay").timeout(|| Duration::from_secs(5)) }
            }
            AccountMessage::BalanceLater => const { &Policy::plain("balance_later").replies_later() },
            AccountMessage::Close => const { &Policy::last("close") },
        }
    }

    fn handle(&mut self, ctx: &mut Context<Self>, message: AccountMessage) -> Option<AccountReply> {
        match message {
            AccountMessage::Deposit { amount } => Some(AccountReply::Deposit(Self::deposit(self, amount))),
            AccountMessage::Withdraw { amount } => Some(AccountReply::Withdraw(Self::withdraw(self, amount))),
            AccountMessage::Rename { owner } => Some(AccountReply::Rename(Self::rename(self, &owner))),
            AccountMessage::BalanceLater => {
                let reply = ctx.reply_to(AccountReply::BalanceLater);
                Self::balance_later(self, reply);
                None
            }
            _ => None,
        }
    }

    fn handle_exclusive(
        &mut self,
        _ctx: &mut Context<Self>,
        message: AccountMessage,
    ) -> impl Future<Output = Option<AccountReply>> + Send {
        // One a message, spanned with its method: the only place that is wrong where the method's future is not `Send`.
        fn future_of_pay(
            actor: &mut Account,
            to: AccountHandle,
            amount: u64,
        ) -> impl Future<Output = Result<(), CallError<Overdrawn>>> + Send {
            Account::pay(actor, to, amount)
        }
        async move {
            match message {
                AccountMessage::Pay { to, amount } => {
                    Some(AccountReply::Pay(future_of_pay(self, to, amount).await))
                }
                _ => None,
            }
        }
    }

    const LAST: bool = true;
    fn handle_last(
        self,
        _ctx: &mut Context<Self>,
        message: AccountMessage,
    ) -> impl Future<Output = Option<AccountReply>> + Send {
        async move {
            match message {
                AccountMessage::Close => Some(AccountReply::Close(Self::close(self))),
                _ => None,
            }
        }
    }

    const ON_START: bool = true;
    fn on_start(&mut self, _ctx: &mut Context<Self>) -> impl Future<Output = Result<(), HookError>> + Send {
        async move { HookOutcome::outcome(Self::begin(self)) }
    }

    const ON_STOP: bool = true;
    fn on_stop(&mut self, ctx: &mut Context<Self>) -> impl Future<Output = Result<(), HookError>> + Send {
        fn future_of_end(actor: &mut Account, ctx: &mut Context<Account>) -> impl Future<Output = ()> + Send {
            Account::end(actor, ctx)
        }
        async move { HookOutcome::outcome(future_of_end(self, ctx).await) }
    }
}

impl AccountHandle {
    /// Adds `amount` and returns the new balance.
    pub fn deposit(&self, amount: u64) -> Request<'_, AccountMessage, u64> {
        Request::new(self.raw(), AccountMessage::Deposit { amount }, |reply| match reply {
            AccountReply::Deposit(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// Takes `amount` away.
    pub fn withdraw(&self, amount: u64) -> Request<'_, AccountMessage, u64, Overdrawn> {
        Request::new(self.raw(), AccountMessage::Withdraw { amount }, |reply| match reply {
            AccountReply::Withdraw(result) => Some(into_result(result)),
            _ => None,
        })
    }

    /// The owner's name.
    pub fn rename(&self, owner: impl Into<String>) -> Request<'_, AccountMessage, String> {
        Request::new(self.raw(), AccountMessage::Rename { owner: owner.into() }, |reply| match reply {
            AccountReply::Rename(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// Moves `amount` to another account.
    pub fn pay(
        &self,
        to: AccountHandle,
        amount: u64,
    ) -> Request<'_, AccountMessage, (), CallError<Overdrawn>> {
        Request::new(self.raw(), AccountMessage::Pay { to, amount }, |reply| match reply {
            AccountReply::Pay(result) => Some(into_result(result)),
            _ => None,
        })
    }

    /// Answers later.
    pub fn balance_later(&self) -> Request<'_, AccountMessage, u64> {
        Request::new(self.raw(), AccountMessage::BalanceLater, |reply| match reply {
            AccountReply::BalanceLater(value) => Some(Ok(value)),
            _ => None,
        })
    }

    /// The last message.
    pub fn close(&self) -> Request<'_, AccountMessage, u64> {
        Request::new(self.raw(), AccountMessage::Close, |reply| match reply {
            AccountReply::Close(value) => Some(Ok(value)),
            _ => None,
        })
    }
}
