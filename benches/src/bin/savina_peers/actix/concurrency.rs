//! The benchmarks of actors that share something, and of trees.

use std::collections::HashMap;
use std::sync::Arc;

use actix::{
    Actor as _, ActorContext as _, ActorFutureExt as _, Addr, Context, Handler, Response, ResponseActFuture,
    WrapFuture as _,
};
use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _};

use super::Place;
use crate::program;
use crate::random;

actors!(Dictionary Reader Account Teller Number);

messages! {
    Get => Option<u64>;
    Put => Option<u64>;
    Work => u64;
    Pay => ();
    Deposit => ();
    Transact => ();
    Balance => i64;
    Which => u64;
}

// Concurrent Dictionary

#[derive(Default)]
struct Dictionary(HashMap<u64, u64>);
struct Reader(u64, Addr<Dictionary>);
struct Get(u64);
struct Put(u64, u64);
struct Work;

impl Handler<Get> for Dictionary {
    type Result = Option<u64>;

    fn handle(&mut self, Get(key): Get, _: &mut Context<Self>) -> Option<u64> {
        self.0.get(&key).copied()
    }
}

impl Handler<Put> for Dictionary {
    type Result = Option<u64>;

    fn handle(&mut self, Put(key, value): Put, _: &mut Context<Self>) -> Option<u64> {
        self.0.insert(key, value)
    }
}

impl Handler<Work> for Reader {
    type Result = Response<u64>;

    fn handle(&mut self, _: Work, _: &mut Context<Self>) -> Response<u64> {
        let (id, dictionary) = (self.0, self.1.clone());
        Response::fut(async move {
            let (mut known, mut wrong) = (HashMap::new(), 0);
            for (key, value) in random::operations(id) {
                let right = match value {
                    None => dictionary.send(Get(key)).await.expect("an answer") == known.get(&key).copied(),
                    Some(value) => {
                        dictionary.send(Put(key, value)).await.expect("an answer") == known.insert(key, value)
                    }
                };
                wrong += u64::from(!right);
            }
            wrong
        })
    }
}

pub(super) async fn dictionary(place: Place) {
    let dictionary = place.spawn(0, Dictionary::default());
    let reader = |id: u64| place.spawn(id as usize, Reader(id, dictionary.clone()));
    let readers: Vec<_> = (0..program::DICTIONARY.0).map(reader).collect();
    let wrong = try_join_all(readers.iter().map(|reader| reader.send(Work))).await.expect("answers");
    assert_eq!(wrong.iter().sum::<u64>(), 0);
}

// Bank Transaction

struct Account(i64);
struct Teller(Vec<Addr<Account>>);
struct Pay(Addr<Account>, i64);
struct Deposit(i64);
struct Transact;
struct Balance;

impl Handler<Pay> for Account {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, Pay(to, amount): Pay, _: &mut Context<Self>) -> Self::Result {
        self.0 -= amount;
        Box::pin(
            to.send(Deposit(amount)).into_actor(self).map(|deposited, _, _| deposited.expect("it has it")),
        )
    }
}

impl Handler<Deposit> for Account {
    type Result = ();

    fn handle(&mut self, Deposit(amount): Deposit, _: &mut Context<Self>) {
        self.0 += amount;
    }
}

impl Handler<Balance> for Account {
    type Result = i64;

    fn handle(&mut self, _: Balance, ctx: &mut Context<Self>) -> i64 {
        ctx.stop();
        self.0
    }
}

impl Handler<Transact> for Teller {
    type Result = Response<()>;

    fn handle(&mut self, _: Transact, _: &mut Context<Self>) -> Response<()> {
        let accounts: Arc<[_]> = self.0.clone().into();
        Response::fut(async move {
            let accounts = &accounts;
            let pay = |(from, to, amount): (usize, usize, i64)| async move {
                accounts[from].send(Pay(accounts[to].clone(), amount)).await.expect("it is paid");
            };
            stream::iter(random::payments()).for_each_concurrent(program::BANK.2, pay).await;
        })
    }
}

pub(super) async fn banking(place: Place) {
    let accounts: Vec<_> = (0..program::BANK.0).map(|n| place.spawn(n, Account(0))).collect();
    let teller = place.spawn(0, Teller(accounts.clone()));
    teller.send(Transact).await.expect("an answer");
    let balances = try_join_all(accounts.iter().map(|one| one.send(Balance))).await.expect("answers");
    let mut expected = vec![0; program::BANK.0];
    for (from, to, amount) in random::payments() {
        expected[from] -= amount;
        expected[to] += amount;
    }
    assert_eq!(balances, expected);
}

// Fibonacci

/// The two halves of the whole are on two threads, and what is below them stays there.
struct Number(Option<Place>);
struct Which(u32);

impl Handler<Which> for Number {
    type Result = Response<u64>;

    fn handle(&mut self, Which(n): Which, ctx: &mut Context<Self>) -> Response<u64> {
        if n <= 2 {
            ctx.stop();
            return Response::reply(1);
        }
        let below = |number| match &self.0 {
            Some(place) => place.spawn(number, Number(None)),
            None => Number(None).start(),
        };
        let (one, other) = (below(0).send(Which(n - 1)), below(1).send(Which(n - 2)));
        Response::fut(async move {
            let (one, other) = futures::join!(one, other);
            one.expect("an answer") + other.expect("an answer")
        })
    }
}

pub(super) async fn fibonacci(place: Place) {
    let (n, expected) = program::FIBONACCI;
    let root = place.spawn(0, Number(Some(place.clone())));
    assert_eq!(root.send(Which(n)).await.expect("an answer"), expected);
}
