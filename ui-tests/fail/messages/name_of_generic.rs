use actor_core::prelude::*;

#[actor]
struct Account(u64);

#[actor]
impl Account {
    #[message(name = Edit)]
    pub fn apply<R: Send + 'static>(&mut self, f: impl FnOnce(&mut u64) -> R + Send + 'static) -> R {
        f(&mut self.0)
    }
}

fn main() {}
