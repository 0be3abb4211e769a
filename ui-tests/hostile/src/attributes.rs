//! Attributes on blocks, methods and parameters: the user's go where they mean what they meant.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream};

/// In a `cfg_attr`, between others.
#[derive(Debug)]
#[cfg_attr(all(), actor(mailbox = 3), derive(Clone, Default))]
#[cfg_attr(any(), derive(Gone))]
#[must_use]
#[non_exhaustive]
pub struct Here {
    /// Its number.
    #[cfg(all())]
    n: u8,
    #[cfg(any())]
    gone: Gone,
}

#[cfg(any())]
#[actor]
pub struct Away(Gone);
#[cfg(any())]
#[actor]
impl Away {
    pub fn get(&self) -> Gone {}
}

#[cfg_attr(all(), actor(derive(Debug)))]
#[cfg(not(any()))]
#[allow(clippy::needless_pass_by_value)]
impl Here {
    /// Says what it does to a log.
    #[tracing::instrument(skip(self), level = "debug", ret)]
    pub fn traced(&mut self, n: u8, text: &str) -> usize {
        tracing::trace!(n, "in it");
        self.n = n;
        text.len()
    }
    /// The same for a future.
    #[tracing::instrument(skip_all, fields(n = self.n), err)]
    pub async fn traced_later(
        &mut self,
        ctx: &mut Context<Self>,
        list: &[u8],
    ) -> Result<usize, std::io::Error> {
        self.n = u8::from(ctx.caller_gone());
        tokio::task::yield_now().await;
        Ok(list.len())
    }
    /// With a pattern.
    #[tracing::instrument]
    pub async fn traced_last(self, (a, b): (u8, u8)) -> u8 {
        a + b + self.n
    }
    /// Not the handle's business.
    #[expect(unused_variables, unused_mut, reason = "of the method alone")]
    pub fn expected(&self, mut unused: u8) {}
    /// Allowed here.
    #[allow(unused_variables, non_snake_case)]
    #[warn(clippy::perf)]
    pub fn allowed(&self, Unused: u8) -> u8 {
        self.n
    }
    /// Of the method.
    #[inline(always)]
    #[must_use = "or else"]
    #[track_caller]
    #[cold]
    #[doc(alias = "other")]
    #[rustfmt::skip]
    pub fn many(&self) -> u8 { self.n }
    /// Hidden.
    #[doc(hidden)]
    #[deprecated(since = "0.1.0", note = "use `many`")]
    pub fn old(&self) -> u8 {
        self.n
    }
    /// Both are there.
    #[cfg_attr(all(), deprecated, doc = "and more", cfg(all()), must_use)]
    #[cfg_attr(any(), cfg(all()))]
    pub fn in_cfg_attr(&self) -> u8 {
        self.n
    }
    #[cfg_attr(all(), cfg(any()))]
    pub fn away(&self, gone: Gone) -> Gone {}
    #[cfg(all())]
    #[cfg(any())]
    #[message(name = Either)]
    async fn either(&self, gone: Gone) -> Gone {}
    /// One of two.
    #[cfg(all())]
    #[cfg(not(any()))]
    #[message(name = Either)]
    fn either(&self) -> u8 {
        self.n
    }
    #[cfg(any())]
    #[on_stop]
    fn gone(&mut self) -> Gone {}
    /// Hidden and generic.
    #[doc(hidden)]
    #[deprecated(note = "use `many`")]
    pub fn old_generic<T>(&self, old: T) -> T {
        old
    }
    /// Not there.
    #[cfg(any())]
    pub fn generic_away<T: Gone>(&self, gone: T) -> impl Stream<Item = Gone> {}
    /// One of two, of which the other is generic.
    #[cfg(all())]
    pub fn generic_here(&self, n: u8) -> u8 {
        self.n + n
    }
    /// The other.
    #[cfg(any())]
    pub fn generic_here<T>(&self, n: T) -> T {
        n
    }
    /// Its condition, its parameters' and lints.
    #[cfg_attr(all(), cfg(all()), must_use)]
    #[inline]
    #[tracing::instrument(skip_all)]
    pub fn generic<T: Into<u8>>(
        &mut self,
        #[cfg(any())] gone: Gone,
        #[cfg_attr(all(), cfg(all()))] f: impl FnOnce(u8) -> T,
        #[cfg(not(all()))] g: impl Gone,
        #[allow(unused_variables)] unused: &str,
        #[cfg(all())] list: &[u8],
    ) -> u8 {
        f(list[0]).into()
    }
    /// A stream of it.
    #[cfg(all())]
    #[deprecated]
    pub async fn stream(&self, #[cfg(any())] gone: Gone, n: u8) -> impl Stream<Item = u8> + '_ {
        stream::iter([self.n, n])
    }
    /// On parameters.
    #[allow(clippy::used_underscore_binding)]
    pub fn parameters(
        &self,
        #[allow(unused_variables)] unused: u8,
        #[cfg(any())] gone: Gone,
        #[cfg(all())]
        #[cfg(not(any()))]
        _there: &str,
        #[cfg_attr(all(), cfg(any()))] gone_too: Gone,
        #[cfg_attr(all(), cfg(all()), allow(unused_mut))] mut there_too: u8,
        #[cfg_attr(any(), allow(unused))] last: u8,
    ) -> usize {
        there_too += last;
        _there.len() + usize::from(there_too)
    }
    /// On parameters of a future.
    pub async fn parameters_later(
        &self,
        #[cfg_attr(all(), cfg(any()))] gone: Gone,
        #[cfg_attr(all(), cfg(all()))] list: &[u8],
        #[cfg_attr(all(), allow(unused_variables))] unused: u8,
    ) -> usize {
        list.len()
    }
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let here = Here { n: 5 }.spawn();
    assert_eq!(here.traced(1, "ab").await?, 2);
    assert_eq!(here.traced_later([1]).await?, 1);
    here.expected(1).await?;
    assert_eq!(here.allowed(1).await?, 0);
    assert_eq!(here.many().await?, 0);
    #[expect(deprecated, reason = "the handle's method says so as well")]
    let old = here.old();
    assert_eq!(old.await?, 0);
    #[expect(deprecated, reason = "in a `cfg_attr` too")]
    let in_cfg_attr = here.in_cfg_attr();
    assert_eq!(in_cfg_attr.await?, 0);
    #[expect(deprecated, reason = "of a generic one too")]
    let old = here.old_generic("old");
    assert_eq!(old.await?, "old");
    assert_eq!(here.generic_here(1).await?, 1);
    assert_eq!(here.generic(|n| n, "ab", [3]).await?, 3);
    #[expect(deprecated, reason = "of a stream too")]
    let stream = here.stream(4);
    let mut stream = stream.await?;
    assert_eq!((stream.next().await.transpose()?, stream.next().await.transpose()?), (Some(0), Some(4)));
    drop(stream);
    assert_eq!(here.either().await?, 0);
    assert_eq!(here.parameters(1, "ab", 3, 4).await?, 9);
    assert_eq!(here.parameters_later([1, 2], 3).await?, 2);
    assert_eq!(here.traced_last((1, 2)).await?, 3);
    Ok(())
}
