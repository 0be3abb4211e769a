//! The attribute of `actor-core`: use it from there.

#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod attrs;
mod built;
mod errors;
mod expand;
mod fallback;
mod input;
mod lifetimes;
mod model;
mod naming;
mod options;
#[cfg(test)]
mod properties;
mod recovery;
mod self_type;
mod show;
#[cfg(test)]
mod tests;
mod types;
mod validate;

use errors::Errors;
use input::Input;
use proc_macro2::TokenStream;

/// Makes an actor of a struct and its impl block.
///
/// ```
/// use actor_core::prelude::*;
///
/// /// An account that never goes below zero.
/// #[actor(mailbox = 64)]
/// pub struct Account {
///     balance: u64,
/// }
///
/// #[derive(Debug, PartialEq)]
/// pub struct Overdrawn;
///
/// #[actor]
/// impl Account {
///     /// Without a receiver, so no message: an ordinary function.
///     pub fn open() -> Self {
///         Account { balance: 0 }
///     }
///     /// Adds `amount` and returns the new balance.
///     pub fn deposit(&mut self, amount: u64) -> u64 {
///         self.balance += amount;
///         self.balance
///     }
///     pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
///         self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn)?;
///         Ok(self.balance)
///     }
///     /// By value: the last message.
///     pub fn close(self) -> u64 {
///         self.balance
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let account = Account::open().spawn();
/// assert_eq!(account.deposit(10).await.unwrap(), 10);
/// assert!(matches!(account.withdraw(50).await, Err(CallError::Handler(Overdrawn))));
/// assert_eq!(account.close().await.unwrap(), 10);
/// # }
/// ```
///
/// It stands on both: the struct, and one inherent impl block, which may be empty and may have any number of plain ones beside
/// it. Both stay as they are: a method is called like any other from within, and is a message through the handle.
///
/// # What it generates
///
/// - `AccountHandle`, as visible as the struct: one pointer; `Clone`, `Debug`, `Eq`, `Hash`, `Send` and `Sync` whatever the
///   actor is. An impl block in another module than its struct needs it in scope: `use bank::{Account, AccountHandle}`.
/// - On it a method a message, with the same name, parameters, documentation, visibility, `#[cfg]` and `#[deprecated]`. It
///   returns a `Request`, which does nothing until it is used.
/// - `AccountMessage`, an enum: a variant a message in CamelCase, with fields named as the parameters. It is data only.
/// - `AccountReply`, an enum: a variant a message, with what the method returns.
/// - The implementation of `Actor`. It can be written by hand as well.
///
/// # Which methods are messages
///
/// Those with a receiver (`&mut self`, `&self`, `self`, `self: &mut Self`) and any visibility, `fn` and `async fn`.
/// `#[message]` makes a private one a message, which is then on the handle, `#[message(skip)]` keeps a visible one ordinary.
///
/// | argument | in the message | taken by the handle |
/// |---|---|---|
/// | `x: T`, `x: &'static T` | the same | the same |
/// | `x: &str`, `&[T]`, `&Path`, `&OsStr`, `&CStr`, `Cow<'_, T>` | `T::Owned` | `impl Into<T::Owned>` |
/// | any other `x: &T` with `T: ToOwned` | `T::Owned` | `T::Owned` |
/// | `x: impl Into<T>` | `T` | `impl Into<T>` |
/// | `(a, b): (u8, u8)`, `_: u8`, `mut x: u8` | the type | the type |
/// | `ctx: &mut Context<Self>`, `ctx: &Context<Self>` | - | - |
/// | `reply: ReplyTo<T>` | - | -; the call is answered through it |
///
/// | returned | reply of the call | error of the call |
/// |---|---|---|
/// | `T` | `T` | `CallError` |
/// | `Result<T, E>`, or any path that ends in `Result` | `T` | `CallError<E>` |
/// | nothing, with `ReplyTo<T>` or `ReplyTo<Result<T, E>>` | `T` | `CallError`, `CallError<E>` |
///
/// A message outlives its caller's borrows, and so does a reply those of the actor: neither has lifetimes but `'static`. Both
/// are `Send`, as is the actor. References inside a type, as in `Option<&str>` or `&[&str]`, are refused: write `Option<String>`,
/// `&[String]`. Messages travel by value: put large data into a `Vec` or a `Box`. An `async fn` with `&self` needs an actor that is `Sync`.
///
/// # Options
///
/// | on the struct | |
/// |---|---|
/// | `mailbox = N`, `mailbox = unbounded` | how many messages wait; 1024 without it |
/// | `overflow = wait`, `overflow = reject` | a call that finds no room waits for it, which is the default, or fails with `CallError::Full` |
/// | `timeout = EXPR` | default deadline of every call, a `Duration` |
/// | `direct = false` | no caller ever runs a handler itself |
/// | `crate = path` | where the library is, if it is renamed |
///
/// | on the impl block | |
/// |---|---|
/// | `derive(..)` | derives for both enums; nothing is derived without it |
/// | `derive_message(..)`, `derive_reply(..)` | derives for one of them |
/// | `crate = path` | where the library is, if it is renamed |
///
/// | `#[message(..)]` on a method | |
/// |---|---|
/// | none | a private method is a message too |
/// | `skip` | a visible method is none |
/// | `timeout = EXPR` | default deadline of its calls, instead of the actor's |
/// | `interleave` | answered while another handler waits in `serving`; without one, and there is none yet, it is an ordinary message |
/// | `name = Ident` | the name of its variant |
/// | `result` | its return type is a `Result` under another name: its error becomes the call's |
/// | `result = false` | its return type is called `Result` and is something else: it is the reply as it stands |
///
/// `#[on_start]` and `#[on_stop]` stand on methods that the actor itself calls when it starts and stops: `fn` or `async fn`,
/// with `&mut self`, a context if they want one, and `()` or `Result<(), E>` for any error.
///
/// # Generic actors
///
/// Types and constants, `where` clauses and defaults are carried by all that is generated; an impl block of one instance,
/// `impl Queue<Job>`, makes that one an actor. A parameter needs `Send` and `'static` where the actor is used; lifetimes are refused.
#[doc = include_str!("../EXPANSION.md")]
#[proc_macro_attribute]
pub fn actor(options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    run(options.into(), item.into()).into()
}

/// The stages: input, model, validate, expand. What any of them finds wrong is collected, and whatever was understood is
/// expanded all the same.
fn run(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let kept = attrs::without_ours(item.clone());
    let expansion = match input::parse(item, &mut errors) {
        Some(Input::Struct(input)) => {
            let def = model::ActorDef::new(input, options, &mut errors);
            validate::actor_def(&def, &mut errors);
            expand::actor_def(&def, errors.is_sound())
        }
        Some(Input::Impl(input)) => {
            let block = model::ActorImpl::new(*input, options, &mut errors);
            validate::actor_impl(&block, &mut errors);
            expand::actor_impl(&block, errors.is_sound())
        }
        Some(Input::Trait(input)) => {
            validate::protocol(&input, &mut errors);
            TokenStream::new()
        }
        None => TokenStream::new(),
    };
    fallback::with_errors(kept, expansion, errors)
}
