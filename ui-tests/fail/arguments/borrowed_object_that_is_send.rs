use actor_core::prelude::*;

#[actor]
struct Worker;

#[actor]
impl Worker {
    pub fn run(&self, job: &(dyn Fn() -> u8 + Send)) {
        job();
    }
}

fn main() {}
