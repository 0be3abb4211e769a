//! A type of that name may be the user's own: what has no size is only known to rustc.

use actor_core::prelude::*;
use std::path::Path;

#[actor]
struct Store {
    owner: Owner,
    path: Path,
}

struct Owner;

#[actor]
impl Store {
    pub fn len(&self) -> usize {
        self.path.as_os_str().len()
    }

    pub async fn owner(&mut self) -> bool {
        std::future::ready(()).await;
        matches!(self.owner, Owner)
    }
}

async fn use_it(store: StoreHandle) -> Result<usize, CallError> {
    store.owner().await?;
    store.len().await
}

fn main() {
    drop(use_it);
}
