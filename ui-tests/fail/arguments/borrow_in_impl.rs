use actor_core::prelude::*;

#[actor]
struct Account {
    owners: Vec<String>,
}

#[actor]
impl Account {
    pub fn add(&mut self, owners: impl IntoIterator<Item = &str>) {
        self.owners.extend(owners.into_iter().map(str::to_owned));
    }

    pub fn keep(&mut self, which: impl FnMut(&mut String) -> bool + Send + 'static) {
        self.owners.retain_mut(which);
    }

    pub fn fill(&mut self, names: &mut [String]) {
        names.clone_from_slice(&self.owners);
    }
}

fn main() {}
