// A generic method may wait with nothing that stays on its thread.
use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Shelf(u64);

#[actor]
impl Shelf {
    pub async fn wait<T: Send + 'static>(&mut self, item: T) -> T {
        let held = Rc::new(1);
        std::future::ready(()).await;
        drop(held);
        item
    }
}

fn main() {}
