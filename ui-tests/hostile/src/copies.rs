//! What the user allows or expects of a method holds for all that repeats its signature, and nothing is said of shapes that lints look at.

use actor_core::prelude::*;

/// A value that is large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Large([u64; 40]);

/// What cannot be read easily.
pub type Pairs = Vec<(u8, Option<String>)>;

/// A shelf.
#[actor]
#[derive(Debug)]
#[expect(missing_copy_implementations, reason = "it is what is tested")]
pub struct Shelf {
    /// What there is.
    kept: u64,
}

#[actor(derive(Debug, Clone))]
impl Shelf {
    /// Many arguments, of one that waits.
    #[expect(clippy::too_many_arguments, clippy::many_single_char_names, reason = "it is what is tested")]
    pub async fn many(&mut self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64) -> u64 {
        tokio::task::yield_now().await;
        self.kept = [a, b, c, d, e, f, g, h].into_iter().fold(self.kept, u64::saturating_add);
        self.kept
    }
    /// As many as may be.
    #[expect(clippy::many_single_char_names, reason = "it is what is tested")]
    pub async fn six(&mut self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
        tokio::task::yield_now().await;
        self.kept = [a, b, c, d, e, f].into_iter().fold(self.kept, u64::saturating_add);
        self.kept
    }
    /// Flags.
    #[expect(clippy::fn_params_excessive_bools, reason = "it is what is tested")]
    pub async fn flags(&mut self, a: bool, b: bool, c: bool, d: bool) -> u64 {
        tokio::task::yield_now().await;
        self.kept = self.kept.saturating_add(u64::from(a && b && c && d));
        self.kept
    }
    /// Types that are hard to read.
    #[expect(clippy::type_complexity, reason = "it is what is tested")]
    pub async fn types(
        &mut self,
        all: Vec<Option<Result<Vec<(u64, String, Option<Box<u64>>)>, Pairs>>>,
        boxed: Box<Vec<u8>>,
        twice: Option<Option<u64>>,
    ) -> Vec<Option<Result<Vec<(u64, String, Option<Box<u64>>)>, Vec<(u8, Option<String>)>>>> {
        tokio::task::yield_now().await;
        self.kept = twice.flatten().unwrap_or(0).saturating_add(u64::from(boxed.is_empty()));
        all
    }
    /// An error that is large.
    ///
    /// # Errors
    ///
    /// Always.
    #[expect(clippy::result_large_err, reason = "it is what is tested")]
    pub const fn large(&self) -> Result<u64, Large> {
        Err(Large([self.kept; 40]))
    }
    /// By a name that says something else.
    #[must_use]
    pub const fn into_parts(self) -> u64 {
        self.kept
    }
    /// As an operator.
    #[must_use]
    pub const fn add(&mut self, other: u64) -> u64 {
        self.kept = self.kept.saturating_add(other);
        self.kept
    }
    /// As a constructor.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "it is what is tested")]
    pub const fn new(&self) -> u64 {
        self.kept
    }
    /// As a text.
    #[must_use]
    #[expect(clippy::inherent_to_string, reason = "it is what is tested")]
    pub fn to_string(&self) -> String {
        format!("{}", self.kept)
    }
    /// A guard that does not look at all it gets.
    #[message(when = *n <= self.kept && (if self.kept > 8 { *n > 0 } else { true }) && *b)]
    #[must_use]
    pub const fn take(&mut self, n: u64, b: bool, other: u64) -> u64 {
        self.kept = self.kept.saturating_sub(other);
        self.kept
    }
}

/// One beginning for all of them.
#[actor]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Getter;

#[actor]
impl Getter {
    /// First.
    #[must_use]
    pub const fn get_a(&self) -> u64 {
        1
    }
    /// Second.
    #[must_use]
    pub const fn get_b(&self) -> Large {
        Large([2; 40])
    }
    /// Third.
    #[must_use]
    pub const fn get_c(&self) -> u64 {
        3
    }
}

/// Of two types, with what is asked of them in two places.
#[actor]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both<A, B> {
    /// One.
    a: A,
    /// The other.
    b: B,
}

#[actor]
impl<A: Clone + Sync, B> Both<A, B>
where
    B: Clone + Send + Sync,
{
    /// Gives both.
    #[must_use]
    pub fn both(&self) -> (A, B) {
        (self.a.clone(), self.b.clone())
    }
    /// Sets one, and gives what is made of it.
    pub async fn change<F, R: Clone>(&mut self, a: A, f: F) -> Vec<R>
    where
        F: Fn(&B) -> R + Sync,
    {
        tokio::task::yield_now().await;
        self.a = a;
        vec![f(&self.b)]
    }
    /// Reads one.
    #[message(concurrent)]
    pub async fn first(&self) -> A {
        tokio::task::yield_now().await;
        self.a.clone()
    }
}

/// Some of them.
///
/// # Errors
///
/// If a call fails, which it does not.
///
/// # Panics
///
/// If an answer is wrong.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let shelf = Shelf { kept: 1 }.spawn();
    assert_eq!(shelf.many(1, 1, 1, 1, 1, 1, 1, 1).await?, 9);
    assert_eq!(shelf.take(1, true, 2).await?, 7);
    assert_eq!(shelf.into_parts().await?, 7);
    assert_eq!(Getter.spawn().get_c().await?, 3);
    let both = Both { a: 1_u8, b: "b" }.spawn();
    assert_eq!(both.change(2, |b| b.len()).await?, [1]);
    assert_eq!(both.both().await?, (2, "b"));
    Ok(())
}
