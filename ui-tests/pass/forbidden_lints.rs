//! Lints that the user forbids, all that rustc has for what a macro writes: generated code allows none of them, which would be an error.

#![forbid(
    async_fn_in_trait,
    dead_code,
    deprecated,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    future_incompatible,
    impl_trait_overcaptures,
    impl_trait_redundant_captures,
    keyword_idents,
    let_underscore,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    redundant_imports,
    redundant_lifetimes,
    refining_impl_trait,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_code,
    unreachable_patterns,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_assignments,
    unused_attributes,
    unused_doc_comments,
    unused_extern_crates,
    unused_import_braces,
    unused_imports,
    unused_lifetimes,
    unused_macro_rules,
    unused_macros,
    unused_must_use,
    unused_mut,
    unused_parens,
    unused_qualifications,
    unused_results,
    unused_variables,
    variant_size_differences
)]

use actor_core::prelude::*;
use std::time::Duration;

/// An account, with messages of all kinds. Nobody sends most of them.
#[actor(mailbox = 8, overflow = reject, timeout = Duration::from_secs(5))]
#[derive(Debug)]
struct Account {
    balance: u64,
}

#[actor(derive(Debug))]
impl Account {
    /// Sets it.
    pub(crate) fn set(&mut self, balance: u64) {
        self.balance = balance;
    }
    pub(crate) fn find(&self, name: &str, list: &[u8]) -> Option<String> {
        (name.len() > list.len()).then(|| name.to_owned())
    }
    #[message]
    async fn get(&mut self, _all: Vec<u8>, ctx: &mut Context<Self>) -> Result<u64, String> {
        ctx.stop();
        Ok(self.balance)
    }
    /// With a name in it, and one without.
    #[message(urgent, name = Put)]
    fn add(&mut self, (a, _): (u64, u8), text: impl Into<String>, #[cfg(all())] more: u64) -> usize {
        self.balance += a + more;
        text.into().len()
    }
    /// What its guard alone reads, what its body alone does, and what neither does.
    #[message(when = *n <= self.balance && *b > 0 && !text.is_empty(), interleave)]
    fn take(&mut self, n: u64, (mut a, b): (u64, u8), text: &str, other: u64, _unread: u8) -> u64 {
        a += 1;
        self.balance -= a + other;
        self.balance
    }
    /// A guard that is never answered.
    #[message(when = todo!())]
    fn never(&self, n: u64) -> u64 {
        n
    }
    #[message(when = return false)]
    async fn at_no_time(&self, n: u64) -> u64 {
        n
    }
    #[message(concurrent)]
    async fn read(&self) -> u64 {
        self.balance
    }
    /// Boxed.
    pub(crate) fn apply<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        f(self)
    }
    pub(crate) fn later(&self, reply: ReplyTo<u64>) {
        let _sent = reply.send(self.balance);
    }
    /// The last.
    pub(crate) fn close(self) -> u64 {
        self.balance
    }
    #[cfg(any())]
    pub(crate) fn gone(&self) -> Nothing {}
    #[on_start]
    fn begin(&mut self) {}
    #[on_stop]
    async fn end(&mut self, ctx: &mut Context<Self>) {
        self.balance = u64::from(ctx.caller_gone());
    }
    #[on_exit]
    fn ended(&mut self, exit: actor_core::Exit) {
        drop(exit);
    }
    #[every(Duration::from_secs(1))]
    fn tick(&mut self) {}
}

/// Whoever has a name.
#[actor]
trait Named: Sync {
    /// The name.
    fn name(&self) -> String;
    /// With a guard, and a body that does not look at what it gets.
    #[message(when = n.len() > 3)]
    fn rename(&mut self, n: &str) {}
    #[message(when = n.len() > 3)]
    async fn rename_later(&mut self, n: &str) {}
}

/// Whoever is asked besides.
#[actor(extends = Named)]
trait Asked: Named {
    async fn ask(&mut self, what: &[u8]) -> usize;
}

impl Named for Account {
    fn name(&self) -> String {
        self.balance.to_string()
    }
}

impl Asked for Account {
    async fn ask(&mut self, what: &[u8]) -> usize {
        what.len()
    }
}

mod bank {
    use actor_core::prelude::*;

    trait Hidden {}

    impl Hidden for u8 {}

    #[derive(Debug)]
    struct Secret;

    impl Clone for Secret {
        fn clone(&self) -> Self {
            Secret
        }
    }

    /// What is private in its messages is of nobody else's concern, though their enum is `pub`.
    #[actor]
    #[derive(Debug)]
    struct Shelf<T: Hidden> {
        kept: T,
    }

    #[actor]
    impl<T: Hidden + Send + 'static> Shelf<T> {
        #[message]
        fn put(&mut self, kept: T, secret: Secret, _also: &Secret, _all: Vec<Secret>) -> Secret {
            self.kept = kept;
            secret
        }
        #[message]
        fn find(&self, secret: (Secret, u8)) -> Result<Vec<Secret>, u8> {
            Ok(vec![secret.0])
        }
        #[message]
        fn size(&self) -> usize {
            size_of_val(&self.kept)
        }
    }

    pub(crate) fn use_it() {
        let shelf = Shelf { kept: 1_u8 }.spawn();
        drop(shelf.put(2, Secret, Secret, Vec::new()));
        drop(shelf.find((Secret, 1)));
    }
}

/// Some of what is generated, so that all of the user's own is used.
async fn use_it(account: AccountHandle) -> Result<(), CallError> {
    let asked = AskedHandle::from(account.clone());
    let named = NamedHandle::from(asked.clone());
    let length = asked.ask(Vec::new()).await?;
    let name = named.name().await?;
    let taken = account.take(1, (1, 1), name, length as u64, 1).await?;
    account.set(taken).await?;
    // A generic one is called by its handle alone.
    let _balance = account.apply(|account| account.balance).await?;
    bank::use_it();
    Ok(())
}

fn main() {
    drop(async { use_it(Account { balance: 1 }.spawn()).await });
}
