//! A borrowed type parameter is stored as it is: nothing is cloned, so it need not be `Clone`.

#![deny(warnings)]

use actor_core::prelude::*;

struct Item(u8);

#[actor]
struct Shelf<T, const N: usize = 1> {
    seen: Vec<usize>,
    held: Option<T>,
}

#[actor(derive(Debug))]
impl<T: std::fmt::Debug + Send + Sync + 'static, const N: usize> Shelf<T, N> {
    pub fn look(&mut self, one: &T) -> usize {
        self.seen.push(format!("{one:?}").len());
        self.seen.len()
    }
    pub async fn look_later(&mut self, one: &T, more: &[T]) -> usize {
        let seen = self.look(one);
        std::future::ready(()).await;
        format!("{one:?}").len() + more.len() + seen
    }
    #[message(when = format!("{one:?}").len() > N)]
    pub fn guarded(&mut self, one: &T) -> Option<T> {
        drop(format!("{one:?}"));
        self.held.take()
    }
    pub fn of_another<R: Send + 'static>(&self, one: &R, read: impl Fn(&R) -> u8 + Send) -> u8 {
        read(one)
    }
    pub fn cloned<R: Clone + Send + 'static>(&self, one: &R) -> R {
        one.clone()
    }
}

#[actor]
trait Looks<T: Send + Sync + 'static> {
    fn looks(&mut self, one: &T) -> usize;
    async fn looks_later(&mut self, one: &T) -> usize;
}

impl<T: std::fmt::Debug + Send + Sync + 'static, const N: usize> Looks<T> for Shelf<T, N> {
    fn looks(&mut self, one: &T) -> usize {
        self.look(one)
    }
    async fn looks_later(&mut self, one: &T) -> usize {
        self.look_later(one, &[]).await
    }
}

/// One whose owned form is another type.
#[actor]
struct Lines<T: ToOwned + ?Sized>
where
    T::Owned: Send,
{
    all: Vec<T::Owned>,
}

#[actor]
impl<T: ToOwned + ?Sized + 'static> Lines<T>
where
    T::Owned: Send,
{
    pub fn write(&mut self, line: &T) {
        self.all.push(line.to_owned());
    }
}

async fn run() -> Result<(), CallError> {
    let shelf = Shelf::<std::sync::Mutex<u8>> { seen: Vec::new(), held: None }.spawn();
    shelf.look(1.into()).await?;
    shelf.look_later(1.into(), Vec::new()).await?;
    shelf.guarded(1.into()).await?;
    shelf.of_another(Item(1), |item| item.0).await?;
    shelf.cloned('a').await?;
    let looks = LooksHandle::from(shelf);
    looks.looks(1.into()).await?;
    looks.looks_later(1.into()).await?;
    Lines::<str> { all: Vec::new() }.spawn().write("line".to_owned()).await
}

fn main() {
    drop(run());
}
