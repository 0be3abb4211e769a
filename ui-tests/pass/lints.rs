//! Generated code is silent under strict lints, whatever the visibility of the actor.

#![deny(
    dead_code,
    missing_debug_implementations,
    missing_docs,
    private_bounds,
    private_interfaces,
    single_use_lifetimes,
    unnameable_types,
    unreachable_pub,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    warnings
)]

pub mod bank {
    //! Of all visibilities.

    use actor_core::prelude::*;

    /// Seen by all.
    #[actor]
    #[derive(Debug)]
    pub struct Account {
        balance: u64,
    }

    #[derive(Debug)]
    struct Secret(u64);

    #[actor]
    impl Account {
        /// Opens it.
        #[must_use]
        pub fn open() -> Self {
            Account { balance: 0 }
        }

        /// Adds.
        #[must_use]
        #[inline]
        pub fn deposit(&mut self, amount: u64) -> u64 {
            self.balance += amount;
            self.balance
        }

        /// Adds later.
        pub async fn add(&mut self, amounts: &[u64]) {
            self.balance += amounts.iter().sum::<u64>();
        }

        /// Shows it, as it is told.
        #[message(concurrent)]
        pub async fn show<T: Send + 'static>(&self, how: impl Fn(u64) -> T + Send + Sync + 'static) -> T {
            how(self.balance)
        }

        /// For others.
        #[message(concurrent)]
        pub async fn get(&self) -> u64 {
            self.balance
        }

        #[message]
        fn hide(&mut self, secret: Secret) -> Secret {
            Secret(secret.0 + self.balance)
        }

        /// Closes it.
        #[must_use]
        pub fn close(self) -> u64 {
            self.balance
        }
    }

    /// Some arguments are read by a guard alone.
    #[actor]
    #[derive(Debug)]
    pub struct Seats {
        free: usize,
    }

    #[actor]
    impl Seats {
        /// By name, mutable, in a pattern, in a text, borrowed, and one that the body reads as well.
        #[message(when = n <= &self.free && *m > 0 && format!("{text}{a}") != *s)]
        #[must_use]
        pub fn take(&mut self, n: usize, mut m: u8, (a, _): (u8, u8), text: &str, s: &str, kept: u8) -> u8 {
            m += kept;
            m
        }
        /// Later.
        #[message(when = wanted.len() <= self.free)]
        pub async fn offer(&self, ctx: &mut Context<Self>, wanted: &[u8], reply: ReplyTo<u64>) {
            let _ = (reply.send(1), ctx.id());
        }
    }

    /// With a body that does not read it either.
    #[actor]
    pub trait Sells: Sync {
        /// How many are left.
        fn left(&self) -> usize;
        /// Sells some.
        #[message(when = n <= &self.left())]
        fn sell(&mut self, n: usize) {}
        /// Sells some.
        #[message(when = n <= &self.left())]
        async fn sell_later(&mut self, n: usize) {}
    }

    impl Sells for Seats {
        fn left(&self) -> usize {
            self.free
        }
    }

    /// So that nothing is unused.
    pub async fn use_it() {
        let account = Account::open().spawn();
        let _ = account.hide(Secret(1)).await;
        let inner = Inner { secret: Secret(1) }.spawn();
        let _ = inner.get().await;
        let seats = Seats { free: 1 }.spawn();
        let _ = seats.take(1, 1, (1, 1), "", "", 1).await;
        let _ = seats.offer([]).await;
        let _ = SellsHandle::from(seats).sell(1).await;
        let crate_ = Crate.spawn();
        let _ = crate_.get().await;
    }

    #[actor]
    pub(crate) struct Crate;

    #[actor]
    impl Crate {
        pub(crate) fn get(&self) {}
    }

    #[actor]
    struct Inner {
        secret: Secret,
    }

    #[actor]
    impl Inner {
        pub(crate) fn get(&self) -> Secret {
            Secret(self.secret.0)
        }
    }
}

fn main() {
    drop(bank::use_it());
}
