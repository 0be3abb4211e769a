//! What is extended is clear all the same, and whoever uses it is not wrong.

use actor_core::prelude::*;

#[actor]
trait Named {
    fn full_name(&self) -> String;
}

#[actor(extends Named =)]
trait Titled: Named {
    fn title(&self) -> String;
}

#[actor(extends(Named))]
trait Aged: Named {
    fn age(&self) -> u8;
}

async fn run(titled: TitledHandle, aged: AgedHandle) -> Result<NamedHandle, CallError> {
    titled.full_name().await?;
    aged.full_name().await?;
    Ok(titled.into())
}

fn main() {
    drop(run);
}
