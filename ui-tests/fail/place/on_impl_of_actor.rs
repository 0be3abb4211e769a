use actor_core::prelude::*;

struct Account;

#[actor]
impl Actor for Account {
    type State = u64;
}

trait Handler<M> {}

#[actor]
impl<T> Handler<T> for Account {}

fn main() {}
