//! The benchmarks of actors that share something, and of trees.

use std::collections::HashMap;

use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _};
use kameo::actor::ActorRef;
use kameo::message::{Context, Message};
use kameo::reply::ForwardedReply;

use super::spawn;
use crate::program;
use crate::random;

actors!(Dictionary Reader Account Teller Number);

// Concurrent Dictionary

#[derive(Default)]
struct Dictionary(HashMap<u64, u64>);
struct Reader(u64, ActorRef<Dictionary>);
struct Get(u64);
struct Put(u64, u64);
struct Work;

impl Message<Get> for Dictionary {
    type Reply = Option<u64>;

    async fn handle(&mut self, Get(key): Get, _: &mut Context<Self, Option<u64>>) -> Option<u64> {
        self.0.get(&key).copied()
    }
}

impl Message<Put> for Dictionary {
    type Reply = Option<u64>;

    async fn handle(&mut self, Put(key, value): Put, _: &mut Context<Self, Option<u64>>) -> Option<u64> {
        self.0.insert(key, value)
    }
}

impl Message<Work> for Reader {
    type Reply = u64;

    async fn handle(&mut self, _: Work, _: &mut Context<Self, u64>) -> u64 {
        let (mut known, mut wrong) = (HashMap::new(), 0);
        for (key, value) in random::operations(self.0) {
            let right = match value {
                None => self.1.ask(Get(key)).send().await.expect("an answer") == known.get(&key).copied(),
                Some(value) => {
                    self.1.ask(Put(key, value)).send().await.expect("an answer") == known.insert(key, value)
                }
            };
            wrong += u64::from(!right);
        }
        wrong
    }
}

pub(super) async fn dictionary() {
    let dictionary = spawn(Dictionary::default());
    let readers: Vec<_> =
        (0..program::DICTIONARY.0).map(|id| spawn(Reader(id, dictionary.clone()))).collect();
    let wrong = try_join_all(readers.iter().map(|reader| reader.ask(Work).send())).await.expect("answers");
    assert_eq!(wrong.iter().sum::<u64>(), 0);
}

// Bank Transaction

struct Account(i64);
struct Teller(Vec<ActorRef<Account>>);
struct Pay(ActorRef<Account>, i64);
struct Deposit(i64);
struct Transact;
struct Balance;

impl Message<Pay> for Account {
    type Reply = ForwardedReply<Deposit, ()>;

    /// Whoever gets the money answers.
    async fn handle(&mut self, Pay(to, amount): Pay, ctx: &mut Context<Self, Self::Reply>) -> Self::Reply {
        self.0 -= amount;
        ctx.forward(&to, Deposit(amount)).await
    }
}

impl Message<Deposit> for Account {
    type Reply = ();

    async fn handle(&mut self, Deposit(amount): Deposit, _: &mut Context<Self, ()>) {
        self.0 += amount;
    }
}

impl Message<Balance> for Account {
    type Reply = i64;

    async fn handle(&mut self, _: Balance, ctx: &mut Context<Self, i64>) -> i64 {
        ctx.stop();
        self.0
    }
}

impl Message<Transact> for Teller {
    type Reply = ();

    async fn handle(&mut self, _: Transact, _: &mut Context<Self, ()>) {
        let accounts = &self.0;
        let pay = |(from, to, amount): (usize, usize, i64)| async move {
            accounts[from].ask(Pay(accounts[to].clone(), amount)).send().await.expect("it is paid");
        };
        stream::iter(random::payments()).for_each_concurrent(program::BANK.2, pay).await;
    }
}

pub(super) async fn banking() {
    let accounts: Vec<_> = (0..program::BANK.0).map(|_| spawn(Account(0))).collect();
    spawn(Teller(accounts.clone())).ask(Transact).send().await.expect("an answer");
    let balances = try_join_all(accounts.iter().map(|one| one.ask(Balance).send())).await.expect("answers");
    assert_eq!(balances, expected());
}

/// What each account has at the end.
fn expected() -> Vec<i64> {
    let mut balances = vec![0; program::BANK.0];
    for (from, to, amount) in random::payments() {
        balances[from] -= amount;
        balances[to] += amount;
    }
    balances
}

// Fibonacci

struct Number;
struct Which(u32);

impl Message<Which> for Number {
    type Reply = u64;

    async fn handle(&mut self, Which(n): Which, ctx: &mut Context<Self, u64>) -> u64 {
        ctx.stop();
        if n <= 2 {
            return 1;
        }
        let [one, other] = [(); 2].map(|()| spawn(Number));
        let (one, other) = futures::join!(one.ask(Which(n - 1)).send(), other.ask(Which(n - 2)).send());
        one.expect("an answer") + other.expect("an answer")
    }
}

pub(super) async fn fibonacci() {
    let (n, expected) = program::FIBONACCI;
    assert_eq!(spawn(Number).ask(Which(n)).send().await.expect("an answer"), expected);
}
