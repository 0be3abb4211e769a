//! What stays on its thread is said once, whatever the actor does.

use actor_core::prelude::*;
use std::rc::Rc;
use std::sync::Arc;

#[actor]
struct Shop<T> {
    changed: Box<dyn FnMut(u64)>,
    seen: Option<Arc<dyn Fn(&T)>>,
    items: Vec<Rc<T>>,
    ready: Box<dyn FnOnce() + Send + Sync>,
}

#[actor]
impl<T: Send + Sync + 'static> Shop<T> {
    #[on_start]
    async fn begin(&mut self) {
        (self.changed)(0);
    }

    pub async fn sell(&mut self) -> usize {
        std::future::ready(()).await;
        self.items.len()
    }

    #[message(concurrent)]
    pub async fn count(&self) -> usize {
        self.items.len()
    }
}

async fn run() -> Result<usize, CallError> {
    let shop = Shop { changed: Box::new(|_| {}), seen: None, items: vec![Rc::new(1)], ready: Box::new(|| {}) }.spawn();
    shop.sell().await
}

fn main() {
    drop(run());
}
