//! Generated code uses no name that is in scope, and takes none.

#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

macro_rules! shadow {
    ($($name:ident)*) => { $(struct $name;)* };
}
shadow! {
    Option Some None Result Ok Err Send Sync Box Into Clone Debug PartialEq Eq Hash String Vec Future Infallible PhantomData
    Request Context Actor ActorHandle Handle Message Policy Config RawHandle ReplyTo Overflow bool str u8 core std actor_core
}

#[::actor_core::actor(mailbox = 4, overflow = reject, timeout = ::std::time::Duration::from_secs(1), direct = false)]
struct Account {
    balance: ::core::primitive::u64,
}

type Owned = ::std::string::String;

#[::actor_core::actor(derive_message(::core::clone::Clone))]
impl Account {
    #[on_start]
    async fn begin(&mut self) {}

    #[on_stop]
    fn end(&mut self, _ctx: &mut ::actor_core::Context<Self>) -> ::core::result::Result<(), Owned> {
        ::core::result::Result::Ok(())
    }

    #[message(timeout = ::std::time::Duration::from_secs(2))]
    pub fn locals(
        &mut self,
        actor: Owned,
        reply: Owned,
        value: Owned,
        ctx: Owned,
        arg0: Owned,
        message: Owned,
        never: Owned,
    ) {
        let _ = (actor, reply, value, ctx, arg0, message, never);
    }

    pub async fn borrowed(
        &self,
        text: &::core::primitive::str,
        list: &[::core::primitive::u8],
        text_too: impl ::core::convert::Into<Owned>,
    ) {
        let _ = (text, list, ::core::convert::Into::<Owned>::into(text_too));
    }

    pub fn fallible(&self) -> ::core::result::Result<(), Owned> {
        ::core::result::Result::Ok(())
    }

    pub fn later(&self, answer: ::actor_core::ReplyTo<()>) {
        let _ = answer.send(());
    }

    pub async fn last(self) {}
}

/// Protocols, and types in them, that are called as parameters of what is generated might be.
mod letters {
    #[::actor_core::actor]
    pub(crate) trait A {
        fn first(&self) -> ::std::primitive::u8;
    }

    #[::actor_core::actor(extends = A)]
    pub(crate) trait H: A {
        fn second(&self) -> ::std::primitive::u8;
    }

    pub(crate) mod types {
        pub(crate) struct A;
        pub(crate) struct H;

        #[::actor_core::actor]
        pub(crate) trait Hasher {
            #[message(when = {
                let _: &A = a;
                true
            })]
            fn third(&mut self, a: A, h: H) -> A;
            async fn fourth(&self, h: &::std::primitive::u8) -> H;
        }
    }
}

fn main() {}
