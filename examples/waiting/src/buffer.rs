//! A bounded buffer: who finds no room waits, who finds nothing waits, and nobody wakes anybody by hand.

use actor_core::prelude::*;
use futures::future::join_all;
use std::collections::VecDeque;

#[actor]
pub(crate) struct Buffer<T> {
    items: VecDeque<T>,
    room: usize,
    /// How many lay in it at a time.
    most: usize,
}

#[actor]
impl<T: Send + 'static> Buffer<T> {
    #[message(when = self.items.len() < self.room)]
    pub(crate) fn put(&mut self, item: T) {
        self.items.push_back(item);
        self.most = self.most.max(self.items.len());
    }

    /// There is one when it runs.
    #[message(when = !self.items.is_empty())]
    pub(crate) fn take(&mut self) -> Option<T> {
        self.items.pop_front()
    }

    /// When all has been taken: who still waits hears that it is not running.
    #[message(when = self.items.is_empty())]
    pub(crate) fn close(self) -> usize {
        self.most
    }
}

fn buffer<T: Send + 'static>(room: usize) -> BufferHandle<T> {
    Buffer { items: VecDeque::new(), room, most: 0 }.spawn()
}

/// Puts `items` into the buffer, and says how many it took.
async fn produce(buffer: BufferHandle<u32>, items: std::ops::Range<u32>) -> usize {
    let mut put = 0;
    for item in items {
        put += usize::from(buffer.put(item).await.is_ok());
    }
    put
}

/// Takes all that comes until the buffer is closed.
async fn consume(buffer: BufferHandle<u32>) -> Vec<u32> {
    let mut taken = Vec::new();
    while let Ok(Some(item)) = buffer.take().await {
        tokio::task::yield_now().await; // others are faster
        taken.push(item);
    }
    taken
}

pub(crate) async fn run() -> Result<(), CallError> {
    let buffer = buffer(4);
    let consumers: Vec<_> = (0..2).map(|_| tokio::spawn(consume(buffer.clone()))).collect();
    let put = join_all((0..3).map(|n| produce(buffer.clone(), n * 100..n * 100 + 50))).await;
    let most = buffer.close().await?;
    let taken = join_all(consumers).await.into_iter().flatten().map(|taken| taken.len());
    println!("3 producers put {put:?} into 4 places, of which at most {most} were taken at a time");
    println!("2 consumers got {:?}", taken.collect::<Vec<_>>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_that_is_put_is_taken_in_order() {
        let buffer = buffer(3);
        let consumer = tokio::spawn(consume(buffer.clone()));
        assert_eq!(produce(buffer.clone(), 0..100).await, 100);
        assert!(buffer.close().await.unwrap() <= 3);
        assert_eq!(consumer.await.unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn who_finds_no_room_waits_for_it() {
        let buffer = buffer(1);
        buffer.put('a').await.unwrap();
        let mut put = buffer.put('b').start();
        assert!(futures::poll!(&mut put).is_pending());
        assert_eq!(buffer.take().await.unwrap(), Some('a'));
        put.await.unwrap();
        assert_eq!(buffer.take().await.unwrap(), Some('b'));
    }

    #[tokio::test]
    async fn who_gives_up_has_put_nothing() {
        let buffer = buffer(1);
        buffer.put('a').await.unwrap();
        drop(buffer.put('b').start());
        assert_eq!(buffer.take().await.unwrap(), Some('a'));
        assert_eq!(buffer.close().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn it_closes_when_it_is_empty_and_who_waits_hears_of_it() {
        let buffer = buffer(2);
        buffer.put('a').await.unwrap();
        let close = buffer.close().start();
        let (first, second) = tokio::join!(buffer.take(), buffer.take());
        assert_eq!(first.unwrap(), Some('a'));
        assert!(matches!(second, Err(CallError::NotRunning)));
        assert_eq!(close.await.unwrap(), 1);
    }
}
