//! A caller's deadline as a timer.

use crate::choice;
use std::pin::Pin;
use tokio::runtime::Handle;
use tokio::time::{self, Instant, Sleep};

/// A timer of the caller's runtime if it has one, so that its clock counts; of the actor's, `runtime`, in a foreign executor.
pub(crate) fn at(at: Instant, runtime: &Handle) -> Pin<Box<Sleep>> {
    choice::is_due(at);
    let _entered = Handle::try_current().is_err().then(|| runtime.enter());
    Box::pin(time::sleep_until(at))
}
