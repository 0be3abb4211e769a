//! What can be wrong, collected so that all of it is said at once, and how each is worded.
//!
//! A wording is one line in lower case without a full stop: what is wrong; why, in terms of actors; what to write. A test of
//! `ui-tests` looks for each of them in some `.stderr`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::fmt::Display;

/// The errors of an item.
#[derive(Default)]
pub(crate) struct Errors {
    all: Vec<syn::Error>,
    /// What the parser says of an item that is no Rust. The compiler has said so when it comes to the macro.
    unread: Vec<syn::Error>,
    /// How many of the first of them may stand in the expansion already, as types.
    as_types: usize,
    /// Something is wrong that rustc says better.
    left_to_rustc: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Errors::default()
    }

    /// An error on the user's own tokens.
    pub(crate) fn push(&mut self, place: &(impl ToTokens + ?Sized), text: String) {
        self.all.push(syn::Error::new_spanned(place, text));
    }

    /// What the parser says of options, which the compiler has not looked at.
    pub(crate) fn push_option(&mut self, error: syn::Error) {
        self.all.push(error);
    }

    /// What the parser says of an item.
    pub(crate) fn push_item(&mut self, error: syn::Error) {
        self.unread.push(error);
    }

    /// Something is wrong that rustc says of the user's own item.
    pub(crate) fn leave_to_rustc(&mut self) {
        self.left_to_rustc = true;
    }

    /// Whether all of it could be read.
    pub(crate) fn is_rust(&self) -> bool {
        self.unread.is_empty()
    }

    /// Whether nothing is wrong, whoever says it.
    pub(crate) fn is_sound(&self) -> bool {
        self.all.is_empty() && self.unread.is_empty() && !self.left_to_rustc
    }

    /// The last that was said of an item, as a type for what could not be read of it.
    pub(crate) fn unread_as_type(&self) -> Option<TokenStream> {
        let said = self.unread.last()?.to_compile_error();
        Some(quote!([(); { #said }]))
    }

    /// The last of them in a type, which is to stand in one place: rustc holds nothing against what has this type.
    pub(crate) fn last_as_type(&mut self) -> Option<TokenStream> {
        let said = self.all.get(self.as_types..)?.last()?.to_compile_error();
        self.as_types = self.all.len();
        Some(quote!([(); { #said }]))
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn into_tokens(self) -> TokenStream {
        let loud = self.all.iter().map(syn::Error::to_compile_error);
        loud.chain(self.unread.iter().map(quietly)).collect()
    }

    /// All that the expansion does not say itself.
    pub(crate) fn not_said_in(self, expansion: &TokenStream) -> TokenStream {
        let is_said = |error: &TokenStream| literal(error).is_some_and(|text| stands_in(&text, expansion));
        let errors = self.all.iter().map(syn::Error::to_compile_error).enumerate();
        let loud = errors.filter(|(n, error)| *n >= self.as_types || !is_said(error)).map(|(_, error)| error);
        loud.chain(self.unread.iter().map(quietly)).collect()
    }
}

/// Says what is wrong only if the compiler finds nothing wrong: that lint looks at code without errors. It would take a compiler that reads
/// more than the parser does.
fn quietly(error: &syn::Error) -> TokenStream {
    let text = error.to_string();
    let place = Span::mixed_site().located_at(error.span());
    quote_spanned! {place=>
        const _: () = {
            #[must_use = #text]
            fn unread_item() -> ::core::primitive::u8 {
                0
            }
            #[deny(unused_must_use)]
            fn say() {
                unread_item();
            }
            let _: fn() = say;
        };
    }
}

/// The text of a `compile_error!`.
fn literal(error: &TokenStream) -> Option<String> {
    error.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) => literal(&group.stream()),
        TokenTree::Literal(text) => Some(text.to_string()),
        _ => None,
    })
}

fn stands_in(text: &str, tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => stands_in(text, &group.stream()),
        TokenTree::Literal(other) => other.to_string() == text,
        _ => false,
    })
}

/// Defines a function a wording, so that each stands once.
macro_rules! wordings {
    ($($name:ident($($value:ident: $ty:ty),*) = $text:literal;)*) => {
        $(pub(crate) fn $name($($value: $ty),*) -> String {
            format!($text)
        })*
    };
}

type Said<'a> = &'a dyn Display;

// Where the attribute stands.
wordings! {
    not_an_item(keyword: Said<'_>) = "`#[actor]` cannot stand on `{keyword}`: an actor is a struct with an impl block; write it on a struct and on its inherent impl block, or on a trait";
    data_item(keyword: Said<'_>) = "`#[actor]` cannot stand on `{keyword}`: an actor is a struct with an impl block, and a protocol is a trait; write a struct that holds the `{keyword}`, and `#[actor]` on it and on its impl block";
    foreign_type(ty: &str) = "`{ty}` cannot be an actor: its struct belongs to another crate, which gave it no handle; write a struct that holds it, with `#[actor]`";
    on_trait_impl(name: &str) = "`#[actor]` cannot stand on an impl of `{name}`: it stays plain, and actors that have it convert into the handle of a protocol; leave it out here, and write it on the trait and on the inherent impl block";
    on_actor_impl(name: &str, ty: &str) = "`#[actor]` cannot stand on an impl of `{name}`: it makes an actor of the methods of an inherent impl block, each of them a message; write `#[actor] impl {ty} {{ pub fn ..(&mut self, ..) {{ .. }} }}`";
    not_a_path(ty: &str) = "`{ty}` cannot be an actor: its handle needs a name; write the impl block of a struct with `#[actor]`";
    second_block(name: Said<'_>) = "`{name}` has an impl block with `#[actor]` already: its messages are one enum, which one block writes; move these methods there, or leave `#[actor]` out here: then they are no messages";
    block_without_messages(name: Said<'_>) = "`{name}` has `protocols` on its struct and an impl block with `#[actor]`: the one says that there is no other; leave `protocols` out, or `#[actor]` on the block: then its methods are no messages";
    actor_twice() = "`#[actor]` stands here twice: an item is made an actor once; leave one out";
    derived_actor() = "an actor is not derived: its messages are the methods of an impl block; write `#[actor]` on the struct and on the impl block";
    derived_message() = "a message is not derived: it is a method of an actor, and the macro writes what it carries; write `#[actor] impl .. {{ pub fn ..(&mut self, ..) {{ .. }} }}`";
    lifetime_actor(lifetime: Said<'_>) = "an actor cannot borrow for `{lifetime}`: it lives as long as its handles and its own task do; own the data, or share it in an `Arc`";
}

// Protocols.
wordings! {
    protocol_without_receiver(method: Said<'_>) = "`{method}` has no receiver: a protocol is what actors are asked, and this asks none; write `&mut self` or `&self`, or `#[message(skip)]`: then it is no message";
    protocol_generic(method: Said<'_>) = "`{method}` is generic: a protocol's messages are data of one type for all its actors; write a concrete type, or `#[message(skip)]`: then it is no message";
    protocol_impl(found: &str) = "`{found}` makes its method a generic one: a protocol's messages are data of one type for all its actors; write a concrete type, such as `Box<dyn ..>`";
    protocol_type(name: Said<'_>) = "`{name}` is another type for each actor: a protocol's messages are data of one type for all its actors; write a type parameter of the trait, or a concrete type";
    protocol_self() = "`Self` is another type for each actor: a protocol's messages are data of one type for all its actors; write a concrete type";
    protocol_lifetime(lifetime: Said<'_>) = "a protocol cannot borrow for `{lifetime}`: its messages outlive their callers' borrows in the mailbox; own the data";
    protocol_hook(hook: Said<'_>) = "`#[{hook}]` cannot stand in a protocol: it is what actors are asked, and a hook is asked by nobody; write it on a method of the actor's impl block";
    protocol_concurrent(name: Said<'_>) = "those that read share their actor, so whatever is a `{name}` must be `Sync`; write `trait {name}: Sync`, or leave `concurrent` out";
    protocol_sync(method: Said<'_>, name: Said<'_>) = "the default body of `{method}` keeps `&self` across its awaits, so whatever is a `{name}` must be `Sync`; write `trait {name}: Sync`, or `&mut self`";
    extends_actor(place: &str) = "`extends` is no option of {place}: an actor is no part of another one; write what both are asked as a trait with `#[actor]`, or hold the handle of the other one";
    extends_itself(name: Said<'_>) = "`{name}` cannot extend itself; write the protocol that it adds to";
    extends_without_supertrait(name: Said<'_>, base: &str) = "a `{name}` need not be a `{base}`: its handle could not become one; write `trait {name}: {base}`";
}

// Options.
wordings! {
    not_an_option(place: &str, known: &str) = "this is no option of {place}; write one of {known}";
    unknown_option(option: Said<'_>, place: &str, known: &str) = "`{option}` is no option of {place}; write one of {known}";
    unknown_option_like(option: Said<'_>, place: &str, meant: &str) = "`{option}` is no option of {place}; did you mean `{meant}`?";
    option_elsewhere(option: Said<'_>, place: &str, elsewhere: &str) = "`{option}` is no option of {place}: it belongs to {elsewhere}; write it there";
    option_twice(option: Said<'_>) = "`{option}` is given twice; leave one out";
    comma_expected(option: &str, example: &str) = "unexpected after `{option}`: options are separated by commas; write `{example}`";
    takes_no_value(option: &str, example: &str) = "`{option}` takes no value; write `{example}`";
    needs_value(option: &str, example: &str) = "`{option}` needs a value; write `{example}`";
    crate_path() = "`crate` takes the path of the library, for a renamed dependency; write `crate = ::path`";
    mailbox() = "`mailbox` takes how many messages it holds, a `usize`; write `mailbox = 64` or `mailbox = unbounded`";
    mailbox_zero() = "`mailbox` cannot be 0: no message would ever find room; write `mailbox = 1` or more, or `mailbox = unbounded`";
    overflow() = "`overflow` is what happens to a message that finds no room; write `overflow = wait` or `overflow = reject`";
    timeout() = "`timeout` takes a `Duration`; write `timeout = Duration::from_secs(5)`";
    watchdog() = "`watchdog` takes a `Duration`; write `watchdog = Duration::from_secs(5)`";
    direct() = "`direct` is whether a caller may run a handler of an idle actor itself, a `bool`; write `direct = true` or `direct = false`";
    result_option() = "`result` is whether the return type is a `Result`; write `result` or `result = false`";
    name_option() = "`name` takes the name of the message's variant; write `name = Deposit`";
    message_value() = "`#[message]` takes its options in parentheses; write `#[message(timeout = Duration::from_secs(5))]`";
    attribute_twice(attribute: &str) = "`#[{attribute}]` stands here twice; write all options in one";
    conditional(attribute: &str) = "`#[{attribute}]` cannot stand in a `cfg_attr`: the macro runs before conditions are known to it; write two methods with `#[cfg]`";
}

// The state.
wordings! {
    field_borrows(found: &str, owned: &str) = "an actor cannot hold `{found}`: it lives as long as its handles and its own task do, longer than what it would borrow; write `{owned}`";
    field_no_size(found: &str, owned: &str) = "an actor cannot hold `{found}`: it has no size of its own, and an actor is moved to its task; write `{owned}`";
    local_field(found: &str, shared: &str) = "an actor cannot hold `{found}`: it stays on its thread, and an actor may run on any; write `{shared}`";
}

// Which methods are messages.
wordings! {
    no_receiver(method: Said<'_>) = "`{method}` has no receiver: a message is handled by an actor that runs; write `&mut self`, `&self` or `self`, or remove `#[message]`";
    no_method(attribute: &str) = "`#[{attribute}]` stands on no method: messages and hooks are methods of the actor; write it on one, or remove it";
    outside_of_block(attribute: &str) = "`#[{attribute}]` says nothing here: an actor's messages and hooks stand in its one block with `#[actor]`; write `#[actor]` on this block, or move the method there";
    skip_alone() = "`skip` makes it no message, so other options have nothing to say; write `#[message(skip)]`";
    hook_and_message() = "a hook is no message: the actor calls it itself; remove `#[message]`, or write a message that calls the same method";
    unsafe_message() = "a message cannot be `unsafe`: its caller is another actor, which can promise nothing about this one's state; write a safe method, or `#[message(skip)]`";
    extern_message() = "a message cannot be `extern`: it is called through the mailbox, not by another language; write it without, or `#[message(skip)]`";
    receiver(found: &str) = "`{found}` cannot receive a message: the actor's state belongs to its task; write `&mut self`, `&self` or `self`, or `#[message(skip)]`";
    name_of_generic(method: Said<'_>) = "`name` is the name of a variant, and `{method}` has none: a generic method is sent as code, not as data; leave it out";
    cfg_on_type_parameter() = "`#[cfg]` cannot stand on a message's type parameter: the handler is called with all of them; write two methods with `#[cfg]`";
    where_on_message(place: &str) = "a message cannot have a `where` clause: all actors of this type answer it; write it on the {place}";
    named_lifetime(lifetime: Said<'_>) = "a message cannot borrow for `{lifetime}`: it outlives its caller's borrows in the mailbox; own the data, or leave the lifetime out and write `&str` or `&T`, which are stored owned";
    by_value_of_prelude(method: Said<'_>) = "a message cannot be called `{method}`: the prelude's method of that name takes the handle by value and would win; write another name";
    same_variant(variant: Said<'_>, first: Said<'_>, line: usize) = "`{variant}` is the name of two messages, and each is a variant of its own (`{first}`, first defined here: line {line}); write another name, or `#[message(name = Other)]`";
    interleave_by_value() = "`interleave` cannot serve a message that takes `self`: the handler that waits goes on with the actor; write `&mut self` or `&self`";
    concurrent_needs_shared() = "`concurrent` needs an `async fn` with `&self`: only those can overlap; write `pub async fn ..(&self)`, or leave `concurrent` out";
    interleave_and_concurrent() = "`interleave` and `concurrent` are two ways to run meanwhile: while a handler serves, and beside other readers; leave one out";
    fatal_without_result(method: Said<'_>) = "`fatal` ends the actor with an `Err` that nobody waits for, and `{method}` returns none; write `-> Result<.., ..>`, or leave `fatal` out";
    fatal_replies_later(method: Said<'_>) = "`fatal` ends the actor with an `Err` that is returned, and `{method}` answers through its `ReplyTo`; write `ctx.fail(error)`, or return the `Result`";
    fatal_by_value() = "`fatal` cannot end what has ended: a message that takes `self` is the actor's last; write `&mut self`, or leave `fatal` out";
    guard_of_generic(method: Said<'_>) = "`{method}` is generic and cannot have a guard: it travels in a box that nobody can look into before it runs; write concrete types, or take a `ReplyTo` and answer later";
}

// Arguments.
wordings! {
    second_context() = "a second `Context`: a handler runs in one; leave one out";
    second_reply_to() = "a second `ReplyTo`: a call has one reply; leave one out";
    context_by_value() = "a handler borrows its `Context` for as long as it runs; write `&mut Context<Self>`";
    context_without_self() = "`Context` is that of an actor; write `&mut Context<Self>`";
    mutable_argument(found: &str, owned: &str) = "`{found}` cannot be sent: the caller does not wait with its data while the message is queued; take `{owned}` and return what has changed";
    another_actor(found: &str, handle: Said<'_>) = "`{found}` cannot be sent: an actor's state is its own, and others reach it through its handle; write `{handle}`";
    borrowed_object(found: &str, owned: &str) = "`{found}` cannot be sent: a message outlives its caller's borrows, and what is behind this one has no owned form; write `{owned}`";
    borrow_inside(found: &str, owned: &str) = "`{found}` cannot be sent: a message outlives its caller's borrows in the mailbox; write `{owned}` in its place";
    request_inside(found: &str, pending: &str) = "`{found}` cannot be sent: it borrows the handle that it was made with, and a message outlives its caller's borrows; write `{pending}`, which `start` gives, or take the handle";
    lifetime_inside(found: &str) = "`{found}` cannot be sent: a message outlives its caller's borrows in the mailbox; take what is owned, or write `'static` in its place";
    impl_argument(found: &str) = "`{found}` inside another type cannot be sent: only an argument that is `impl Trait` itself makes its method a generic one; declare a type parameter and write that in its place";
    reply_to_borrowed(found: &str, owned: &str) = "`{found}` cannot answer: a call is answered once, so its handler owns the `ReplyTo`; write `{owned}`";
    async_closure(found: &str, plain: &str) = "`{found}` cannot be sent: nothing can say that what it waits for is `Send`, and an actor may run on any thread; write `{plain}(..) -> Fut` with `Fut: Future<Output = ..> + Send`";
    impl_into_inside(found: &str, owned: &str) = "`{found}` cannot stand inside another type: the handle converts arguments as a whole, and a message is data of one type; write `{owned}` in its place";
    local_argument(found: &str, shared: &str) = "`{found}` cannot be sent: it stays on its thread, and its actor may run on any; write `{shared}`";
    no_size(found: &str, owned: &str) = "`{found}` has no size of its own: a message is data that travels, and so is its reply; write `{owned}`";
    cfg_on_context() = "`#[cfg]` cannot stand on a context or a `ReplyTo`: whether a handler has one decides how it is called; write two methods with `#[cfg]`";
    too_many_cfg() = "more than four parameters with `#[cfg]`: the handler is called in each of their cases, and these would be too many; write methods with `#[cfg]`";
}

// Replies.
wordings! {
    reply_and_return(value: &str) = "a message with a `ReplyTo` has its reply there, so it can return nothing; leave out the return type, or return `{value}` without the `ReplyTo`";
    reply_stream(found: &str) = "`{found}` does not say what its items are, and they travel one by one; write `impl Stream<Item = T>`";
    reply_stream_inside(found: &str) = "`{found}` inside another type cannot be a reply: only a stream that is returned itself is sent item by item; return it alone, or send the items as messages";
    reply_impl(found: &str) = "`{found}` cannot be a reply: a reply is data that travels back, and only an `impl Stream` is sent item by item; write the type itself, such as `Vec<T>`";
    reply_future() = "a reply cannot be a future: whoever asks already waits; write an `async fn` that returns what the future gives";
    reply_request(found: &str, pending: &str) = "`{found}` cannot be a reply: it borrows the handle that it was made with, and a reply leaves the actor; write an `async fn` that awaits it, `reply.forward(..)` with a `ReplyTo`, or `{pending}`, which `start` gives";
    reply_never() = "`!` cannot be a reply: its caller waits for one that cannot come; return nothing, and let it panic";
    local_reply(found: &str, shared: &str) = "`{found}` cannot be a reply: it stays on its thread, and its caller may be on any; write `{shared}`";
    reply_borrows(found: &str, owned: &str) = "a reply cannot borrow (`{found}`): it leaves the actor, which goes on with its next message; write `{owned}` in its place";
    reply_lifetime(found: &str) = "a reply cannot borrow (`{found}`): it leaves the actor, which goes on with its next message; return what is owned, or write `'static` in its place";
    reply_borrows_mutably(found: &str, owned: &str) = "a reply cannot borrow (`{found}`): it leaves the actor, which alone changes its state; write a message that makes the change, or `{owned}` in its place";
}

// Hooks.
wordings! {
    every_period() = "`#[every]` needs to know how often: a `Duration`; write `#[every(Duration::from_secs(1))]`";
    attribute_like(attribute: Said<'_>, meant: &str) = "`#[{attribute}]` is no attribute of an actor's methods; did you mean `#[{meant}]`?";
    hook_options(hook: &str) = "`#[{hook}]` takes no options; write `#[{hook}]`";
    hook_twice(hook: &str, first: Said<'_>, line: usize) = "a second `{hook}`: the actor calls one (`{first}`, first defined here: line {line}); call the other one from it";
    hook_without_receiver(hook: &str) = "`#[{hook}]` needs `&mut self` or `&self`: it is called on the actor; add `self`, or make it a plain function";
    hook_by_value(hook: &str) = "`#[{hook}]` cannot take `self` by value: the actor is needed after it; write `&mut self`";
    hook_generic(hook: &str) = "`#[{hook}]` cannot be generic: the actor itself calls it and would not know with what; write concrete types";
    exit_argument() = "`#[on_exit]` takes who has ended, and a context: nobody sends it; write `exit: Exit` and `ctx: &mut Context<Self>`";
    hook_argument(hook: &str) = "`#[{hook}]` takes nothing but a context: nobody sends it; write `ctx: &mut Context<Self>`";
}

// Tests under schedules.
wordings! {
    test_of_no_function(keyword: Said<'_>) = "`#[actor_test]` cannot stand on `{keyword}`: a test is what a schedule runs; write it on an `async fn`";
    test_not_async(name: Said<'_>) = "`{name}` is not `async`: a test under a schedule waits for actors, and others go on meanwhile; write `async fn {name}`, or `#[test]`";
    test_argument(name: Said<'_>) = "`{name}` takes an argument: a schedule calls it, and has nothing to give; make in it what it needs";
    test_generic(name: Said<'_>) = "`{name}` is generic: a schedule calls it, and would not know with what; write concrete types";
    test_twice() = "`#[actor_test]` makes it a test already; leave this out";
    test_number(option: Said<'_>) = "`{option}` takes a number; write `{option} = 1000`";
    test_without_seeds() = "a test under no seed tests nothing; write `seeds = 1` or more";
}

/// The line of a name, for what comes first of two.
pub(crate) fn line(ident: &Ident) -> usize {
    ident.span().start().line
}
