//! What there is to do.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;

/// A file with a text. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) name: Arc<str>,
    pub(crate) path: Arc<Path>,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// All `*.job` of a folder, by name.
pub(crate) fn list(folder: &Path) -> Result<Vec<Job>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(Error::io("read", folder))?;
    let jobs = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "job"));
    let mut jobs: Vec<Job> = jobs.map(named).collect::<Result<_, _>>()?;
    jobs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(jobs)
}

/// A name is a line of the journal.
fn named(path: PathBuf) -> Result<Job, Error> {
    let name =
        path.file_stem().and_then(|stem| stem.to_str()).filter(|name| !name.contains(char::is_control));
    match name {
        Some(name) => Ok(Job { name: name.into(), path: path.into() }),
        None => Err(Error::Name { path }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_listed_by_name_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.job", "a.job", "c.txt", "d"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> =
            list(folder.path()).unwrap().into_iter().map(|job| job.name.to_string()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_name_that_would_break_the_journal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("two\nlines.job"), "").unwrap();
        assert!(matches!(list(folder.path()), Err(Error::Name { .. })));
    }
}
