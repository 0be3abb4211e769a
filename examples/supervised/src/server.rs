//! Who gives out the jobs: tries again those that crash, and stops when it is told to.
//!
//! ```text
//! server ──asks──▶ worker-1, worker-2, ..      (each with a queue)
//! supervisor ──makes anew──▶ the same          (and they keep their queues)
//! ```
//!
//! A job is accepted once it has a place in a worker's queue. From then on this run sees to it that it ends, unless it is killed.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use futures::stream::{FuturesUnordered, Stream, StreamExt as _};

use crate::cli::say;
use crate::error::Error;
use crate::job::Job;
use crate::results::{End, Results};
use crate::signals::Signal;
use crate::summary::Summary;
use crate::worker::{Failure, Work, Worker, WorkerHandle};

/// How the server works.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) workers: usize,
    /// Jobs that wait for each worker.
    pub(crate) queue: usize,
    /// How often a job may crash its worker.
    pub(crate) tries: u32,
    /// How often workers may crash in a minute.
    pub(crate) crashes: u32,
    pub(crate) grace: Duration,
    pub(crate) slow: Duration,
}

pub(crate) struct Server {
    root: SupervisorHandle,
    workers: Vec<WorkerHandle>,
    results: Arc<Results>,
    settings: Settings,
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Taking,
    /// Nothing more is taken; what is accepted has the grace time.
    Draining,
    /// The workers have been killed, or have given up.
    Over,
}

impl Server {
    pub(crate) fn start(settings: Settings, work: &Work, results: Arc<Results>) -> Self {
        let Settings { workers, queue, crashes, slow, .. } = settings;
        let minute = Duration::from_secs(60);
        let root = Supervisor::one_for_one().intensity(crashes, minute).spawn();
        let backoff = Backoff::exponential(Duration::from_millis(10), Duration::from_secs(1));
        let workers = (1..=workers).map(|n| {
            let how = Spawn::new().name(format!("worker-{n}")).mailbox(queue);
            let policy = Supervise::permanent().intensity(crashes, minute).backoff(backoff.clone()).with(how);
            let (work, results) = (Arc::clone(work), Arc::clone(&results));
            root.child(policy, move || Worker::new(Arc::clone(&work), Arc::clone(&results), slow))
        });
        let workers = workers.collect();
        Self { root, workers, results, settings }
    }

    /// Does the jobs, until all are done or `signals` says to stop: the first one gently, the second at once.
    pub(crate) async fn run(
        self,
        jobs: Vec<Job>,
        signals: impl Stream<Item = Signal> + Unpin,
    ) -> Result<Summary, Error> {
        let result = self.serve(jobs, signals).await;
        // Nothing is in their queues any more, unless it went wrong.
        match &result {
            Ok(_) => self.root.stop(),
            Err(_) => self.root.kill(),
        }
        let reason = self.root.stopped().await;
        let mut summary = result?;
        if let ExitReason::Failed(_) = reason {
            summary.gave_up(reason);
        }
        Ok(summary)
    }

    async fn serve(
        &self,
        jobs: Vec<Job>,
        mut signals: impl Stream<Item = Signal> + Unpin,
    ) -> Result<Summary, Error> {
        let mut summary = Summary::default();
        let mut waiting = self.unfinished(jobs, &mut summary)?;
        // How many each worker has, the one that it is at included.
        let mut loads = vec![0; self.workers.len()];
        let mut accepted = FuturesUnordered::new();
        let mut stage = Stage::Taking;
        let mut grace = pin!(tokio::time::sleep(Duration::MAX));
        loop {
            while stage == Stage::Taking
                && let Some((worker, load)) = loads.iter_mut().enumerate().min_by_key(|(_, load)| **load)
                && *load <= self.settings.queue
                && let Some(job) = waiting.pop_front()
            {
                *load += 1;
                accepted.push(async move { (worker, self.see_to(&job, &self.workers[worker]).await) });
            }
            tokio::select! {
                biased;
                Some(signal) = signals.next() => {
                    let (has, left) = (accepted.len(), waiting.len());
                    stage = if stage == Stage::Taking {
                        say(format_args!("{signal}: {has} accepted jobs are finished, {left} are left"));
                        grace.set(tokio::time::sleep(self.settings.grace));
                        Stage::Draining
                    } else {
                        say(format_args!("{signal} again: {has} jobs are cut off"));
                        self.root.kill();
                        Stage::Over
                    };
                }
                () = &mut grace, if stage == Stage::Draining => {
                    say(format_args!("the time is up: {} jobs are cut off", accepted.len()));
                    self.root.kill();
                    stage = Stage::Over;
                }
                ended = accepted.next() => match ended {
                    None => break,
                    Some((worker, end)) => {
                        loads[worker] -= 1;
                        match end? {
                            Some(end) => summary.now(end),
                            None => {
                                summary.cut();
                                stage = Stage::Over;
                            }
                        }
                    }
                },
            }
        }
        summary.left(waiting.len());
        Ok(summary)
    }

    /// What earlier runs have left.
    fn unfinished(&self, jobs: Vec<Job>, summary: &mut Summary) -> Result<VecDeque<Job>, Error> {
        self.results.catch_up(&jobs)?;
        let mut waiting = VecDeque::new();
        for job in jobs {
            match self.results.end_of(&job) {
                Some(end) => summary.before(end),
                None => waiting.push_back(job),
            }
        }
        Ok(waiting)
    }

    /// Has a job done, again if it crashes its worker. `None`: the workers have gone, and it is left to the next run.
    async fn see_to(&self, job: &Job, worker: &WorkerHandle) -> Result<Option<End>, Error> {
        let tries = self.settings.tries;
        for attempt in 1.. {
            let reason = match worker.run(job.clone()).await {
                Ok(result) => {
                    say(format_args!("{job}: {result}"));
                    return Ok(Some(End::Done));
                }
                Err(CallError::Handler(Failure::Unusable(error))) => {
                    return self.set_aside(job, &format!("it cannot be read: {error}"));
                }
                Err(CallError::Handler(Failure::Results(error))) => return Err(error),
                Err(CallError::Interrupted(reason)) => reason,
                // It never ran.
                Err(_) => return Ok(None),
            };
            // It began and nobody answered for it: only the results know how far it came.
            if let Some(end) = self.results.end_of(job) {
                return Ok(Some(end));
            }
            if matches!(reason, ExitReason::Killed) {
                return Ok(None);
            }
            say(format_args!("{job}: try {attempt} of {tries}: {reason}"));
            if attempt >= tries {
                return self.set_aside(job, &format!("tried {tries} times, the last time it {reason}"));
            }
        }
        Ok(None)
    }

    fn set_aside(&self, job: &Job, reason: &str) -> Result<Option<End>, Error> {
        self.results.put(job, End::Failed, reason)?;
        say(format_args!("{job}: set aside: {reason}"));
        Ok(Some(End::Failed))
    }
}

#[cfg(test)]
mod tests;
