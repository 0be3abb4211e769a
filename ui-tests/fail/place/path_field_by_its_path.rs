use actor_core::prelude::*;

#[actor]
struct Store {
    path: std::path::Path,
}

#[actor]
impl Store {
    pub fn len(&self) -> usize {
        self.path.as_os_str().len()
    }
}

fn main() {}
