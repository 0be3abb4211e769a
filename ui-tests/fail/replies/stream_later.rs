use actor_core::prelude::*;
use futures::stream::{self, Stream};

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    pub fn books(&self, reply: ReplyTo<impl Stream<Item = u64>>) {
        drop(reply);
    }
    pub fn others(&self, reply: ReplyTo<u64>) -> impl Stream<Item = u64> {
        drop(reply);
        stream::iter(self.0.clone())
    }
}

fn main() {}
