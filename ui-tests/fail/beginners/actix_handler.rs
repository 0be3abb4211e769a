//! From actix: a message with its result, and a handler of it.

use actor_core::prelude::*;

#[derive(Message)]
#[rtype(result = "u64")]
struct Increment(u64);

struct Counter {
    count: u64,
}

impl Actor for Counter {
    type Context = Context<Self>;
}

impl Handler<Increment> for Counter {
    type Result = u64;

    fn handle(&mut self, message: Increment, _: &mut Context<Self>) -> u64 {
        self.count += message.0;
        self.count
    }
}

fn main() {}
