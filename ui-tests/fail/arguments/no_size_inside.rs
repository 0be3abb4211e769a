use actor_core::prelude::*;

#[actor]
struct Account {
    names: Vec<String>,
}

#[actor]
impl Account {
    pub fn add(&mut self, _names: &[str]) {}
    pub fn both(&self, _names: [str; 2]) {}
    pub fn boxed(&self, name: Box<str>) -> usize {
        name.len() + self.names.len()
    }
}

async fn uses_it(account: AccountHandle) -> Result<usize, CallError> {
    account.boxed("ann".into()).await
}

fn main() {
    drop(uses_it(Account { names: Vec::new() }.spawn()));
}
