//! Ours.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{self, Running};
use crate::{Job, Problem};

/// From the start of the first process, which has never seen the folder.
pub(crate) fn between(job: &Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let filesync = |arguments: &[&str]| {
        let mut command = Command::new(job.filesync);
        command.args(arguments).args(["--bind", "127.0.0.1"]);
        Running::start(&mut command)
    };
    let paths = [job.from, job.to].map(|path| path.to_string_lossy().into_owned());
    let begin = Instant::now();
    let mut server = filesync(&["serve", &paths[0]])?.ok_or("it is not there")?;
    let ticket = server.says(|line| {
        let rest = line.strip_prefix("others join with: ")?;
        rest.split('\'').nth(1).map(str::to_owned)
    })?;
    let mut joined = filesync(&["join", &ticket, &paths[1]])?.ok_or("it is not there")?;
    let mut taken = 0;
    while taken < job.files {
        // What is said to have been taken is on the disk.
        taken += joined.says(|line| {
            let (_, work) = line.strip_prefix("in step with ")?.split_once(": ")?;
            work.split_once(" file")?.0.parse::<usize>().ok()
        })?;
    }
    Ok(Some(vec![("filesync", begin.elapsed())]))
}

pub(crate) fn here(job: &Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let begin = Instant::now();
    process::run(Command::new(job.filesync).arg("sync").args([job.from, job.to]))?;
    Ok(Some(vec![("filesync", begin.elapsed())]))
}
