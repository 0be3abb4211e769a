use actor_core::prelude::*;

#[actor]
struct Account {
    names: Vec<String>,
}

#[actor]
impl Account {
    pub fn add(&mut self, name: str) {
        self.names.push(name.to_owned());
    }
    pub fn all(&mut self, names: [String]) -> usize {
        names.len()
    }
}

async fn uses_it(account: AccountHandle) -> Result<(), CallError> {
    account.add("ann").await?;
    account.all(&["ann".to_owned()]).await.map(|_: usize| ())
}

fn main() {
    drop(uses_it(Account { names: Vec::new() }.spawn()));
}
