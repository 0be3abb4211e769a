use actor_core::prelude::*;

#[actor]
struct Only<>(T);

#[actor]
impl<T: Send + 'static> Only<T> {
    pub fn set(&mut self, value: T) {
        self.0 = value;
    }
}

fn main() {}
