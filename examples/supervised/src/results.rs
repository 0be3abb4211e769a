//! What has come of jobs, and that each comes to it once.
//!
//! The file of a job's end is written under another name and then renamed, so it is there whole or not at all. Whether it is there is what
//! counts. The journal says in which order they came; its lock keeps a second run out.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::job::Job;

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a result.
    Done,
    /// It was set aside, with the reason.
    Failed,
}

impl End {
    const ALL: [Self; 2] = [Self::Done, Self::Failed];

    fn extension(self) -> &'static str {
        match self {
            Self::Done => "result",
            Self::Failed => "failed",
        }
    }

    fn line(self, job: &Job) -> String {
        match self {
            Self::Done => format!("done {job}\n"),
            Self::Failed => format!("failed {job}\n"),
        }
    }
}

/// A folder of results.
#[derive(Debug)]
pub(crate) struct Results {
    folder: PathBuf,
    journal: File,
}

impl Results {
    /// Opens or makes the folder, and keeps others out until it is dropped.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
        let path = folder.join("journal");
        let journal = File::options().create(true).append(true).open(&path);
        let journal = journal.map_err(Error::io("open", &path))?;
        match journal.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), journal }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
        }
    }

    /// Writes down what a run that was cut off between a file and its line has not.
    pub(crate) fn catch_up(&self, jobs: &[Job]) -> Result<(), Error> {
        let path = self.folder.join("journal");
        let journal = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let lines: HashSet<&str> = journal.split_inclusive('\n').collect();
        let ended = jobs.iter().filter_map(|job| Some(self.end_of(job)?.line(job)));
        ended.filter(|line| !lines.contains(line.as_str())).try_for_each(|line| self.note(&line))
    }

    /// How a job has ended, if it has.
    pub(crate) fn end_of(&self, job: &Job) -> Option<End> {
        End::ALL.into_iter().find(|end| self.path(job, *end).exists())
    }

    /// A job ends.
    pub(crate) fn put(&self, job: &Job, end: End, text: &str) -> Result<(), Error> {
        let new = self.folder.join(format!(".{job}.new"));
        let written = File::create(&new).and_then(|mut file| {
            writeln!(file, "{text}")?;
            file.sync_all()
        });
        written.map_err(Error::io("write", &new))?;
        let path = self.path(job, end);
        fs::rename(&new, &path).map_err(Error::io("write", &path))?;
        self.note(&end.line(job))
    }

    fn path(&self, job: &Job, end: End) -> PathBuf {
        self.folder.join(format!("{job}.{}", end.extension()))
    }

    fn note(&self, line: &str) -> Result<(), Error> {
        (&self.journal).write_all(line.as_bytes()).map_err(Error::io("write in the journal of", &self.folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str) -> Job {
        Job { name: name.into(), path: Path::new(name).into() }
    }

    fn journal(folder: &Path) -> String {
        fs::read_to_string(folder.join("journal")).unwrap()
    }

    #[test]
    fn a_job_ends_with_a_file_and_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path()).unwrap();
        assert_eq!(results.end_of(&job("a")), None);
        results.put(&job("a"), End::Done, "1 word").unwrap();
        results.put(&job("b"), End::Failed, "no word").unwrap();
        assert_eq!(
            [job("a"), job("b")].map(|job| results.end_of(&job)),
            [Some(End::Done), Some(End::Failed)]
        );
        assert_eq!(fs::read_to_string(folder.path().join("a.result")).unwrap(), "1 word\n");
        assert_eq!(journal(folder.path()), "done a\nfailed b\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left there");
    }

    #[test]
    fn what_is_half_written_is_no_end() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".a.new"), "1 wo").unwrap();
        let results = Results::open(folder.path()).unwrap();
        assert_eq!(results.end_of(&job("a")), None);
        results.put(&job("a"), End::Done, "1 word").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a.result")).unwrap(), "1 word\n");
    }

    #[test]
    fn a_line_that_is_missing_is_made_up_for_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.result"), "1 word").unwrap();
        let results = Results::open(folder.path()).unwrap();
        for _ in 0..2 {
            results.catch_up(&[job("a"), job("b")]).unwrap();
            assert_eq!(journal(folder.path()), "done a\n");
        }
    }

    #[test]
    fn one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Results::open(folder.path()).unwrap();
        assert!(matches!(Results::open(folder.path()), Err(Error::InUse { .. })));
        drop(first);
        Results::open(folder.path()).unwrap();
    }
}
