//! Who does a job.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use thiserror::Error;

use crate::error::Error;
use crate::job::Job;
use crate::results::{End, Results};

/// What is done with a text.
pub(crate) type Work = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Does one job after the other. It is never called directly, or the server would do the jobs itself, one at a time.
#[actor(direct = false)]
pub(crate) struct Worker {
    work: Work,
    results: Arc<Results>,
    slow: Duration,
}

/// Why a job has no result, other than a crash.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// It would not have one the next time either.
    #[error("it cannot be read: {0}")]
    Unusable(std::io::Error),
    /// The job is not to blame, and others will not fare better.
    #[error(transparent)]
    Results(#[from] Error),
}

#[actor]
impl Worker {
    pub(crate) fn new(work: Work, results: Arc<Results>, slow: Duration) -> Self {
        Worker { work, results, slow }
    }

    /// Does a job, and returns its result when it is safe.
    pub(crate) async fn run(&mut self, ctx: &mut Context<Self>, job: Job) -> Result<String, Failure> {
        crate::cli::say(format_args!("{} begins {job}", ctx.name().unwrap_or("a worker")));
        let text = tokio::fs::read_to_string(&job.path).await.map_err(Failure::Unusable)?;
        tokio::time::sleep(self.slow).await;
        // A kill cuts it off at an await. There is none from here on, so a result that is made is answered for.
        let result = (self.work)(&text);
        self.results.put(&job, End::Done, &result)?;
        Ok(result)
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
