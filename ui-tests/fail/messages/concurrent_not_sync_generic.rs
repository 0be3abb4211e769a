use actor_core::prelude::*;

#[actor]
struct Shelf<T: Send + 'static> {
    things: Vec<T>,
}

#[actor]
impl<T: Send + 'static> Shelf<T> {
    #[message(concurrent)]
    pub async fn count(&self) -> usize {
        std::future::ready(()).await;
        self.things.len()
    }
}

fn main() {}
