use actor_core::prelude::*;

#[actor(derive(Clone, Debug, PartialEq))]
trait Store<K: Clone + Send + 'static> {
    fn put(&mut self, key: K);
    async fn all(&self) -> Unknown<K>;
}

fn main() {}
