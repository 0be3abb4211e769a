use actor_core::prelude::*;

#[actor]
struct Lamp;

#[on_stop]
#[actor]
impl Lamp {
    pub fn light(&mut self) {}
}

async fn use_it(lamp: LampHandle) {
    let _ = lamp.light().await;
}

fn main() {}
