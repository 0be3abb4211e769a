//! Whatever ends the program early.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("cannot {what} `{}`: {source}", path.display())]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("`{}` is no name for a job; rename it to plain text", path.display())]
    Name { path: PathBuf },
    #[error("`{}` is in use by another run; wait for its end", path.display())]
    InUse { path: PathBuf },
    #[error("cannot start: {0}")]
    Start(io::Error),
}

impl Error {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
}
