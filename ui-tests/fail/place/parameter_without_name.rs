use actor_core::prelude::*;
use std::marker::PhantomData;

#[actor]
struct Account<_>(PhantomData<u8>);

#[actor]
impl<T: Send + 'static> Account<T> {
    pub fn balance(&self) -> u64 {
        0
    }
}

#[actor]
trait Store<_> {
    fn get(&self) -> u64;
}

fn main() {}
