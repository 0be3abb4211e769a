//! What the pattern gives a name to is still called so.

use actor_core::prelude::*;

#[actor]
struct Plot;

#[actor]
impl Plot {
    pub fn bound(&self, whole @ (_, #[on_start] _): (i32, i32)) -> i32 {
        1
    }
}

fn about(message: PlotMessage) -> i32 {
    match message {
        PlotMessage::Bound { whole: (a, _) } => a,
    }
}

async fn run(plot: PlotHandle) -> Result<i32, CallError> {
    plot.bound((1, 2)).await
}

fn main() {
    drop((run, about));
}
