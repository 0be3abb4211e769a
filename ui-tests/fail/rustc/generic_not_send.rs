// What a closure holds goes to the actor's thread.
use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    pub fn apply<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Vec<u64>) -> R + Send + 'static) -> R {
        f(&mut self.0)
    }
}

async fn uses(shelf: ShelfHandle) {
    let seen = Rc::new(0);
    let _ = shelf.apply(move |books| books.len() + *seen).await;
}

fn main() {}
