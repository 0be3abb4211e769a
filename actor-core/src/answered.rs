//! What is asked of a request as if it were its answer: the commonest slip is a forgotten `.await`, and the compiler says so here.

use crate::{Message, Request};

/// Is never implemented: the answer of a request is not there before it is awaited.
#[diagnostic::on_unimplemented(
    message = "a request has no answer before it is awaited",
    label = "`.await` is missing before this",
    note = "what a handle's method returns is a future; write `.await` behind it, or `.blocking()` on a plain thread"
)]
pub trait Answered<T>: Sized {
    /// The answer.
    fn answer(self) -> T;
}

impl<M: Message, T, E> Request<'_, M, T, E> {
    /// Tells whoever forgot the `.await`.
    #[doc(hidden)]
    pub fn unwrap(self) -> T
    where
        Self: Answered<T>,
    {
        self.answer()
    }

    /// Tells whoever forgot the `.await`.
    #[doc(hidden)]
    pub fn expect(self, _why: &str) -> T
    where
        Self: Answered<T>,
    {
        self.answer()
    }
}
