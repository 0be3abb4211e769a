//! What all handles have inside.

use crate::shared::Shared;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What every handle wraps: a counted reference to an actor, one pointer wide, that knows nothing of its messages.
///
/// When the last one of an actor goes, the actor handles what is queued and ends.
pub struct RawHandle(Arc<Shared>);

impl RawHandle {
    /// The first of a new actor, which is counted already.
    pub(crate) fn first(shared: Arc<Shared>) -> Self {
        RawHandle(shared)
    }

    /// One more, also after the last has gone.
    pub(crate) fn one_more(shared: &Arc<Shared>) -> Self {
        shared.add_handle();
        RawHandle(Arc::clone(shared))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Formats a handle as `name` with the actor's identity and name.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct(name);
        text.field("id", &self.0.id);
        if let Some(name) = &self.0.name {
            text.field("name", name);
        }
        text.finish()
    }
}

impl Clone for RawHandle {
    fn clone(&self) -> Self {
        Self::one_more(&self.0)
    }
}

impl Drop for RawHandle {
    fn drop(&mut self) {
        self.0.drop_handle();
    }
}

impl fmt::Debug for RawHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as("RawHandle", f)
    }
}

impl PartialEq for RawHandle {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for RawHandle {}

impl Hash for RawHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}
