//! What the compiler says of such a `Cow` anyway, and once more where it is made.

use actor_core::prelude::*;
use std::borrow::Cow;

struct Item {
    name: String,
}

#[actor]
struct Store {
    names: Vec<String>,
}

#[actor]
impl Store {
    pub fn put(&mut self, item: Cow<'_, Item>) {
        self.names.push(item.name.clone());
    }

    pub fn names(&self) -> Vec<String> {
        self.names.clone()
    }
}

async fn run(store: StoreHandle) -> Result<Vec<String>, CallError> {
    store.put(Item { name: String::new() }).await?;
    store.names().await
}

fn main() {
    drop(run);
}
