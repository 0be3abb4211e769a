use actor_core::prelude::*;

#[actor]
enum Light {
    On,
    Off,
}

#[actor]
impl Light {
    pub fn toggle(&mut self) {
        *self = match self {
            Light::On => Light::Off,
            Light::Off => Light::On,
        };
    }
}

fn main() {
    Light::On.spawn();
}
