//! Lints that the user forbids, one by one: generated code allows none of them, which would be an error.

#![forbid(
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_snake_case,
    private_bounds,
    private_interfaces,
    unnameable_types,
    unreachable_code,
    unreachable_pub,
    unused_qualifications
)]

use actor_core::prelude::*;

/// An account.
#[actor]
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
    }

    pub(crate) fn use_it() {
        let shelf = Shelf { kept: 1_u8 }.spawn();
        drop(shelf.put(2, Secret, Secret, Vec::new()));
        drop(shelf.find((Secret, 1)));
    }
}

fn main() {
    drop(async { bank::use_it() });
    drop(async { Account { balance: 1 }.spawn() });
}
