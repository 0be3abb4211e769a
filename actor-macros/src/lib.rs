//! The attribute of `actor-core`: use it from there.

#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod attrs;
mod built;
mod elided;
mod errors;
mod expand;
mod fallback;
mod generics;
mod input;
mod lifetimes;
mod misplaced;
mod model;
mod naming;
mod options;
#[cfg(test)]
mod properties;
mod recovery;
mod scheduled;
mod self_type;
mod show;
#[cfg(test)]
mod tests;
mod types;
mod validate;

use errors::Errors;
use input::Input;
use proc_macro2::{Span, TokenStream};

/// Makes an actor of a struct and its impl block, and a protocol of a trait.
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
/// The methods with a visibility and a receiver are messages: each is a method of `AccountHandle` as well, which returns a `Request`. The struct
/// and the block stay as they are, and within them a method is called like any other.
#[doc = include_str!("../docs/reference.md")]
#[doc = include_str!("../docs/placement.md")]
#[doc = include_str!("../docs/messages.md")]
#[doc = include_str!("../docs/arguments.md")]
#[doc = include_str!("../docs/replies.md")]
#[doc = include_str!("../docs/generics.md")]
#[doc = include_str!("../docs/protocols.md")]
#[doc = include_str!("../docs/options.md")]
#[doc = include_str!("../docs/hooks.md")]
#[doc = include_str!("../docs/generated.md")]
#[doc = include_str!("../EXPANSION.md")]
#[proc_macro_attribute]
pub fn actor(options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand_item(options.into(), item.into(), expand::once).into()
}

/// Without what keeps a second block out, which would hide what is generated.
#[cfg(test)]
fn run(options: TokenStream, item: TokenStream) -> TokenStream {
    expand_item(options, item, |_, generated| generated)
}

/// Makes a test of an `async fn`, which runs a system of actors under many schedules.
#[doc = include_str!("../docs/actor_test.md")]
#[proc_macro_attribute]
pub fn actor_test(
    options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    scheduled::run(options.into(), item.into()).into()
}

/// Means something in a block with [`macro@actor`], which takes it away: this says so anywhere else.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn message(_options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    without_actor("message", item)
}

/// Means something in a block with [`macro@actor`], which takes it away: this says so anywhere else.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn on_start(_options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    without_actor("on_start", item)
}

/// Means something in a block with [`macro@actor`], which takes it away: this says so anywhere else.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn on_stop(_options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    without_actor("on_stop", item)
}

/// Means something in a block with [`macro@actor`], which takes it away: this says so anywhere else.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn on_exit(_options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    without_actor("on_exit", item)
}

/// Means something in a block with [`macro@actor`], which takes it away: this says so anywhere else.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn every(_options: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    without_actor("every", item)
}

/// Says what to write in its place.
#[doc(hidden)]
#[proc_macro_derive(Actor)]
pub fn derived_actor(_item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    misplaced::derived_actor(Span::call_site()).into()
}

/// Says what to write in its place.
#[doc(hidden)]
#[proc_macro_derive(Message)]
pub fn derived_message(_item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    misplaced::derived_message(Span::call_site()).into()
}

fn without_actor(name: &str, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let actor = |block| expand_item(TokenStream::new(), block, expand::once);
    misplaced::attribute(name, Span::call_site(), item.into(), actor).into()
}

/// The stages: input, model, validate, expand. What any of them finds wrong is collected, and whatever was understood is
/// expanded all the same.
fn expand_item(
    options: TokenStream,
    item: TokenStream,
    once: fn(&model::ActorImpl, TokenStream) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::new();
    let mut kept = attrs::without_ours(item.clone());
    let expansion = match input::parse(item, &mut errors) {
        Some(Input::Struct(input)) => {
            let def = model::ActorDef::new(*input, options, &mut errors);
            validate::actor_def(&def, &mut errors);
            kept = fallback::closed(kept);
            if def.fields.iter().any(|field| lifetimes::find_elided(field).is_some()) {
                kept = fallback::without_borrows(kept);
            }
            if def.fields.iter().any(types::is_bare) {
                kept = fallback::with_sizes(kept);
            }
            if def.fields.iter().any(|field| types::find_local(field).is_some()) {
                kept = fallback::without_locals(kept);
            }
            let mut generated = expand::actor_def(&def, errors.is_sound());
            if def.options.protocols && def.generics.lifetimes().next().is_none() {
                let block = model::ActorImpl::absent(&def);
                generated.extend(once(&block, expand::actor_impl(&block, errors.is_sound())));
            }
            generated
        }
        Some(Input::Impl(input)) => {
            let block = model::ActorImpl::new(*input, options, &mut errors);
            validate::actor_impl(&block, &mut errors);
            kept = expand::with_guards(kept, &block);
            once(&block, expand::actor_impl(&block, errors.is_sound()))
        }
        Some(Input::Trait(input)) => {
            let protocol = model::Protocol::new(*input, options, &mut errors);
            validate::protocol(&protocol, &mut errors);
            kept = expand::with_guards(kept, &protocol.block);
            // What is no Rust stays where it is, or rustc would say twice what is wrong with it; unless it needs an actor.
            if errors.is_rust() || expand::mentions_self(&kept) {
                kept = expand::with_send(kept, &protocol.block.options.library);
            }
            expand::protocol(&protocol, errors.is_sound())
        }
        None => return fallback::no_item(kept, errors),
    };
    fallback::with_errors(kept, expansion, errors)
}
