//! A bank whose links lead somewhere from wherever its documentation is shown: see [`Account::deposit`], [`AccountHandle::deposit`],
//! [`AccountMessage::Deposit`], [`AccountReply::Deposit`].

// To allow one of these would be an error.
#![forbid(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    dead_code,
    elided_lifetimes_in_paths,
    missing_docs,
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links,
    unreachable_code,
    unreachable_patterns,
    unreachable_pub,
    unused_must_use,
    unused_mut,
    unused_qualifications,
    unused_results,
    unused_variables
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream, StreamExt as _};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An account: see [`Account::deposit`], [`Self::withdraw`], its handle [`AccountHandle`] and [`AccountHandle::withdraw`].
#[actor(mailbox = 16, timeout = Duration::from_secs(9))]
#[derive(Debug)]
pub struct Account {
    /// What there is.
    balance: u64,
    /// Where its files are.
    folder: PathBuf,
}

/// What [`Account::withdraw`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overdrawn {
    /// What there is.
    pub balance: u64,
}

impl std::fmt::Display for Overdrawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "balance is {}", self.balance)
    }
}

impl std::error::Error for Overdrawn {}

#[actor(derive(Debug), derive_message(Clone, PartialEq, Eq))]
impl Account {
    /// Opens one, without a receiver; it gets money by [`deposit`](Self::deposit).
    #[must_use]
    pub const fn open() -> Self {
        Self { balance: 0, folder: PathBuf::new() }
    }

    /// Adds `amount`, unlike [`Self::withdraw`], [`Account::withdraw`] and [`withdraw`](Self::withdraw); see [`Overdrawn`],
    /// [`super::strict`], [`Context`] and [`std::time::Duration`].
    #[must_use]
    pub const fn deposit(&mut self, amount: u64) -> u64 {
        self.balance = self.balance.saturating_add(amount);
        self.balance
    }

    /// Takes `amount` away.
    ///
    /// # Errors
    ///
    /// [`Overdrawn`] if there is less: [`Self::deposit`] first.
    #[message(interleave, timeout = Duration::from_secs(3))]
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
        self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn { balance: self.balance })?;
        Ok(self.balance)
    }

    /// Reads [`Self::open`]'s, [`fn@Self::open`]'s and others' money from `path`.
    ///
    /// # Errors
    ///
    /// If there is no such file.
    pub async fn load(
        &mut self,
        ctx: &mut Context<Self>,
        path: &Path,
        text: &str,
        lines: &[String],
    ) -> std::io::Result<u64> {
        let whole = self.folder.join(path);
        tokio::task::yield_now().await;
        if ctx.caller_gone() || whole.as_os_str().is_empty() {
            return Err(std::io::ErrorKind::NotFound.into());
        }
        let all = lines.iter().map(String::as_str).chain([text]);
        self.balance =
            all.filter_map(|line| line.parse::<u64>().ok()).fold(self.balance, u64::saturating_add);
        Ok(self.balance)
    }

    /// A name or another.
    #[must_use]
    #[expect(clippy::impl_trait_in_params, reason = "the method's own; the handle's is the macro's")]
    pub fn name(&self, name: Cow<'_, str>, (a, b): (u8, u8), suffix: impl Into<String>) -> String {
        let mut whole = name.into_owned();
        whole.push_str(&suffix.into());
        format!("{whole}{a}{b}{}", self.balance)
    }

    /// Later.
    pub fn later(&self, reply: ReplyTo<u64>) {
        if reply.send(self.balance).is_err() {
            tracing::debug!("nobody waits");
        }
    }

    /// Runs `f` on it, which may [`deposit`](Self::deposit), unlike [`Self::open`] and [`Self::books`].
    #[must_use]
    #[expect(clippy::impl_trait_in_params, reason = "the method's own; the handle's is the macro's")]
    pub fn apply<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R
    where
        R: Send + 'static,
    {
        f(self)
    }

    /// What is written in `lines`, as [`Self::apply`] would see it.
    ///
    /// # Errors
    ///
    /// If one is no number.
    #[message(interleave, timeout = Duration::from_secs(4))]
    pub async fn sum<T: AsRef<str> + Clone + Send + Sync, const N: usize>(
        &mut self,
        lines: &[T],
        more: [T; N],
    ) -> Result<u64, std::num::ParseIntError> {
        tokio::task::yield_now().await;
        let all = lines.iter().chain(&more);
        all.map(|line| line.as_ref().parse::<u64>())
            .try_fold(self.balance, |sum, n| Ok(sum.saturating_add(n?)))
    }

    /// Its balance, up to [`Self::apply`]'s.
    pub fn books(&self, up_to: u64) -> impl Stream<Item = u64> + '_ {
        stream::iter(0..up_to).map(|n| n.saturating_add(self.balance))
    }

    /// The same, beside it.
    #[message(timeout = Duration::from_secs(4))]
    pub async fn books_beside<T: Clone + Send + 'static>(
        &mut self,
        each: T,
    ) -> impl Stream<Item = (T, u64)> + Send + use<T> {
        tokio::task::yield_now().await;
        stream::iter([(each, self.balance)])
    }

    /// Closes it for good; [`Self::deposit`] is of no use then.
    #[must_use]
    pub fn close(self) -> u64 {
        self.balance
    }

    /// Of this module.
    #[message]
    const fn inside(&self, secret: Secret) -> Secret {
        Secret(secret.0.saturating_add(self.balance))
    }

    /// First.
    #[on_start]
    async fn begin(&mut self) -> std::io::Result<()> {
        tokio::task::yield_now().await;
        self.balance = 0;
        Ok(())
    }

    /// At last.
    #[on_stop]
    fn end(&mut self, ctx: &Context<Self>) {
        self.balance = u64::from(ctx.caller_gone());
    }
}

/// Of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Secret(u64);

/// Of this crate.
#[actor]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inner<T> {
    /// It.
    value: T,
}

#[actor(derive_message(Debug, Clone))]
impl<T: Clone + Send + Sync + 'static> Inner<T> {
    /// Gives it.
    pub(crate) fn get(&self) -> T {
        self.value.clone()
    }
    /// Shows it.
    pub(crate) fn show<R: Send + 'static>(&self, show: fn(&T) -> R) -> R {
        show(&self.value)
    }
    /// Gives it again and again.
    pub(crate) fn repeat(&self) -> impl Stream<Item = T> + use<T> {
        stream::iter([self.value.clone()])
    }
    /// Sets it.
    pub(crate) async fn set(&mut self, value: T) -> T {
        tokio::task::yield_now().await;
        std::mem::replace(&mut self.value, value)
    }
}

/// Of this module alone.
#[actor]
#[derive(Debug)]
struct Private {
    /// It.
    secret: Secret,
}

#[actor]
impl Private {
    /// Gives it.
    #[message]
    const fn get(&self) -> Secret {
        self.secret
    }
    /// Takes whatever there is.
    #[message]
    fn any<T: Into<u64>>(&mut self, any: T, secret: Secret) -> Secret {
        self.secret = secret;
        Secret(any.into().saturating_add(self.secret.0))
    }
    /// Adds.
    #[message]
    async fn add(&mut self, other: Secret, all: &[Secret]) -> u64 {
        tokio::task::yield_now().await;
        self.secret = other;
        all.iter().fold(other.0, |sum, secret| sum.saturating_add(secret.0)).saturating_add(self.secret.0)
    }
}

/// All of them.
///
/// # Errors
///
/// If a call fails, which it does not.
///
/// # Panics
///
/// If an answer is wrong.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let account = Account::open().spawn();
    assert_eq!(account.deposit(10).await?, 10);
    assert!(matches!(account.withdraw(50).await, Err(CallError::Handler(Overdrawn { balance: 10 }))));
    assert_eq!(account.load(Path::new("a"), "1", ["2".to_owned()]).await?, 13);
    assert_eq!(account.name("a", (1, 2), "b").await?, "ab1213");
    assert_eq!(account.later().await?, 13);
    assert_eq!(account.inside(Secret(1)).await?.0, 14);
    assert_eq!(account.apply(|this| this.balance).await?, 13);
    assert_eq!(account.sum(["1"], ["2", "3"]).await?, 19);
    let mut books = account.books(1).await?;
    assert_eq!(books.next().await.transpose()?, Some(13));
    let mut beside = account.books_beside("a").await?;
    assert_eq!(beside.next().await.transpose()?, Some(("a", 13)));
    drop((books, beside));
    assert_eq!(account.close().await?, 13);
    let inner = Inner { value: 1_u8 }.spawn();
    assert_eq!(inner.get().await?, 1);
    assert_eq!(inner.show(u8::clone).await?, 1);
    assert_eq!(inner.repeat().await?.next().await.transpose()?, Some(1));
    assert_eq!(inner.set(2).await?, 1);
    let private = Private { secret: Secret(3) }.spawn();
    assert_eq!(private.get().await?.0, 3);
    assert_eq!(private.any(1_u8, Secret(2)).await?, Secret(3));
    assert_eq!(private.add(Secret(1), [Secret(2)]).await?, 4);
    Ok(())
}
