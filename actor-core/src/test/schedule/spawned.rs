//! Participants that are no actors.

use super::{hooks, state};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Starts a participant of the run: something that goes on beside the test's body. Its panic fails the run.
///
/// Outside a schedule it is [`tokio::spawn`].
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Counter(u64);
/// # #[actor] impl Counter { pub fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 } }
/// use actor_core::test::schedule;
///
/// schedule::check(100, || async {
///     let counter = Counter(0).spawn();
///     let clients = [1, 2, 3].map(|n| {
///         let counter = counter.clone();
///         schedule::spawn(async move { counter.add(n).await })
///     });
///     for client in clients {
///         client.await?;
///     }
///     assert_eq!(counter.add(0).await?, 6);
///     Ok::<(), CallError>(())
/// });
/// ```
///
/// # Panics
/// Outside a schedule and a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> Spawned<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    if !state::is_on() {
        return Spawned(By::Tokio(tokio::spawn(future)));
    }
    let (sender, output) = oneshot::channel();
    hooks::spawn_task(Box::pin(async move {
        // If it fails, nobody waits for it.
        let _ = sender.send(future.await);
    }));
    Spawned(By::Schedule(output))
}

/// What was [`spawn`]ed: the future of its output. Dropped, it lets it run.
///
/// # Panics
/// When polled, if what was spawned has panicked.
#[derive(Debug)]
pub struct Spawned<T>(By<T>);

#[derive(Debug)]
enum By<T> {
    Schedule(oneshot::Receiver<T>),
    Tokio(JoinHandle<T>),
}

impl<T> Future for Spawned<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.get_mut().0 {
            By::Schedule(output) => Pin::new(output).poll(cx).map(|output| match output {
                Ok(output) => output,
                Err(_) => panic!("what was spawned is gone"),
            }),
            By::Tokio(task) => Pin::new(task).poll(cx).map(|output| match output {
                Ok(output) => output,
                Err(error) => panic!("what was spawned is gone: {error}"),
            }),
        }
    }
}
