//! Edition 2018, and the library under another name.

#![deny(keyword_idents, warnings)]
// Generated code allows itself none of these: that would be E0453.
#![forbid(
    elided_lifetimes_in_paths,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    unnameable_types,
    unreachable_patterns,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_must_use,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use engine::prelude::*;
use futures::stream::{self, Stream, StreamExt};
use std::borrow::Cow;

/// `async` is a word of this edition, `gen` is none.
#[actor(crate = ::engine, mailbox = 4, overflow = reject, timeout = std::time::Duration::from_secs(9))]
#[derive(Debug)]
pub struct Account<T> {
    balance: u64,
    mark: T,
}

#[actor(crate = ::engine, derive(Debug))]
impl<T: Clone + Send + Sync + 'static> Account<T> {
    /// Opens one.
    pub fn open(mark: T) -> Self {
        Account { balance: 0, mark }
    }

    /// A name that later editions reserve.
    pub fn r#gen(&mut self, r#gen: u64) -> u64 {
        self.balance += r#gen;
        self.balance
    }

    /// Borrows in a future.
    pub async fn borrowed(&self, text: &str, list: &[u8], cow: Cow<'_, str>, mark: &T) -> usize {
        tokio::task::yield_now().await;
        let _ = mark.clone();
        text.len() + list.len() + cow.len()
    }

    /// A context and a conversion.
    pub async fn context(
        &mut self,
        ctx: &mut Context<Self>,
        text: impl Into<String>,
    ) -> Result<String, String> {
        tokio::task::yield_now().await;
        if ctx.caller_gone() { Err(text.into()) } else { Ok(text.into()) }
    }

    /// Later.
    pub fn later(&mut self, reply: ReplyTo<u64>) {
        let _ = reply.send(self.balance);
    }

    /// Runs `f` on it.
    pub fn apply<R>(&mut self, f: impl FnOnce(&mut Self) -> R, text: &str) -> (R, usize) {
        (f(self), text.len())
    }

    /// Runs it later.
    pub async fn apply_later<R: Clone + Send + Sync, const N: usize>(
        &mut self,
        items: &[R],
        r#gen: [R; N],
    ) -> Vec<R> {
        tokio::task::yield_now().await;
        items.iter().chain(&r#gen).cloned().collect()
    }

    /// A stream that borrows.
    pub fn stream(&self) -> impl Stream<Item = (u64, T)> + '_ {
        stream::iter(0..self.balance).map(move |n| (n, self.mark.clone()))
    }

    /// The same of a future, which borrows by itself.
    pub async fn stream_later(&mut self, text: &str) -> impl Stream<Item = usize> + '_ {
        stream::iter([text.len()]).map(move |n| n + usize::from(self.balance == 0))
    }

    /// One that does not, also without saying so.
    pub fn beside<R: Send + 'static>(&self, item: R) -> impl Stream<Item = R> + 'static {
        stream::iter([item])
    }

    /// The last.
    pub async fn close(self) -> T {
        self.mark
    }

    #[on_start]
    async fn begin(&mut self) -> std::io::Result<()> {
        tokio::task::yield_now().await;
        Ok(())
    }

    #[on_stop]
    async fn end(&mut self, ctx: &mut Context<Self>) {
        let _ = ctx.id();
    }
}

#[test]
fn answers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let account = Account::open("mark").spawn();
        assert_eq!(account.r#gen(3).await.ok(), Some(3));
        assert_eq!(account.borrowed("a", vec![1], "b", "m").await.ok(), Some(3));
        assert_eq!(account.context("text").await.ok().as_deref(), Some("text"));
        assert_eq!(account.later().await.ok(), Some(3));
        assert!(matches!(account.ask(AccountMessage::Gen { r#gen: 1 }).await, Ok(AccountReply::Gen(4))));
        assert_eq!(account.apply(|account| account.balance, "ab").await.ok(), Some((4, 2)));
        assert_eq!(account.apply_later([1], [2, 3]).await.ok(), Some(vec![1, 2, 3]));
        let mut stream = account.stream().await.expect("a stream");
        assert!(matches!(stream.next().await, Some(Ok((0, "mark")))));
        drop(stream);
        let mut stream = account.stream_later("ab").await.expect("a stream");
        assert!(matches!(stream.next().await, Some(Ok(2))));
        drop(stream);
        let mut stream = account.beside("a").await.expect("a stream");
        assert!(matches!(stream.next().await, Some(Ok("a"))));
        assert_eq!(account.close().await.ok(), Some("mark"));
    });
}
