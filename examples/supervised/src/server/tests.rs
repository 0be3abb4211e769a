//! The server without its command line: any work, and signals from a channel.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures::stream;
use tempfile::TempDir;

use super::*;
use crate::job;

/// Folders for jobs and results.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new<const N: usize>(jobs: [&str; N]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("jobs")).unwrap();
        for name in jobs {
            fs::write(folder.path().join("jobs").join(format!("{name}.job")), name).unwrap();
        }
        Self { folder }
    }

    fn jobs(&self) -> Vec<Job> {
        job::list(&self.folder.path().join("jobs")).unwrap()
    }

    fn results(&self) -> std::path::PathBuf {
        self.folder.path().join("results")
    }

    fn server(&self, settings: Settings, work: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
        let work: Work = Arc::new(work);
        Server::start(settings, &work, Arc::new(Results::open(&self.results()).unwrap()))
    }

    /// Sorted lines.
    fn journal(&self) -> Vec<String> {
        let mut lines: Vec<_> = read(&self.results().join("journal")).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn settings() -> Settings {
    let second = Duration::from_secs(1);
    Settings { workers: 1, queue: 2, tries: 3, crashes: 100, grace: 60 * second, slow: Duration::ZERO }
}

/// Work that says when it begins, and waits to be let on.
fn held() -> (impl Fn(&str) -> String + Send + Sync, UnboundedReceiver<String>, std::sync::mpsc::Sender<()>) {
    let (begun, begins): (UnboundedSender<String>, _) = mpsc::unbounded();
    let (on, gate) = std::sync::mpsc::channel();
    let gate = Mutex::new(gate);
    let work = move |text: &str| {
        begun.unbounded_send(text.to_owned()).unwrap();
        gate.lock().unwrap().recv().unwrap();
        text.to_uppercase()
    };
    (work, begins, on)
}

#[tokio::test]
async fn a_job_that_crashes_is_tried_again() {
    let place = Place::new(["a", "b"]);
    let crashes = AtomicUsize::new(0);
    let server = place.server(settings(), move |text| {
        assert!(text != "a" || crashes.fetch_add(1, Ordering::Relaxed) == 2, "not yet");
        text.to_uppercase()
    });
    let summary = server.run(place.jobs(), stream::pending()).await.unwrap();
    assert_eq!(summary.to_string(), "2 jobs: 2 done, 0 failed, 0 left");
    assert_eq!(summary.exit_code(), 0);
    assert_eq!(place.journal(), ["done a", "done b"]);
    assert_eq!(read(&place.results().join("a.result")), "A\n");
}

#[tokio::test]
async fn a_job_that_crashes_too_often_is_set_aside_and_the_others_are_done() {
    let place = Place::new(["a", "b", "c", "d"]);
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let server = place.server(settings(), move |text| {
        if text == "b" {
            count.fetch_add(1, Ordering::Relaxed);
            panic!("no {text}");
        }
        text.to_uppercase()
    });
    let summary = server.run(place.jobs(), stream::pending()).await.unwrap();
    assert_eq!(summary.to_string(), "4 jobs: 3 done, 1 failed, 0 left");
    assert_eq!(tried.load(Ordering::Relaxed), 3);
    assert_eq!(place.journal(), ["done a", "done c", "done d", "failed b"]);
    let reason = read(&place.results().join("b.failed"));
    let start = format!("tried 3 times, the last time it panicked in `run` at {}:", file!());
    assert!(reason.starts_with(&start) && reason.ends_with(": no b\n"), "{reason}");
}

/// The effect is there, the answer is not.
#[tokio::test]
async fn a_crash_after_the_result_is_not_tried_again() {
    let place = Place::new(["a"]);
    let path = place.results().join("a.result");
    let server = place.server(settings(), move |text| {
        fs::write(&path, "from before").unwrap();
        panic!("late in {text}");
    });
    let summary = server.run(place.jobs(), stream::pending()).await.unwrap();
    assert_eq!(summary.to_string(), "1 jobs: 1 done, 0 failed, 0 left");
    assert_eq!(read(&place.results().join("a.result")), "from before");
}

#[tokio::test]
async fn a_job_that_is_no_text_fails_without_a_crash() {
    let place = Place::new(["a"]);
    fs::write(place.folder.path().join("jobs/a.job"), b"\xff").unwrap();
    let summary =
        place.server(settings(), str::to_uppercase).run(place.jobs(), stream::pending()).await.unwrap();
    assert_eq!(summary.to_string(), "1 jobs: 0 done, 1 failed, 0 left");
    assert!(read(&place.results().join("a.failed")).starts_with("it cannot be read: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_finishes_what_it_has_accepted() {
    let place = Place::new(["a", "b", "c", "d", "e"]);
    let (work, mut begins, on) = held();
    let (signal, signals) = mpsc::unbounded();
    let run = tokio::spawn(place.server(settings(), work).run(place.jobs(), signals));
    assert_eq!(begins.next().await.as_deref(), Some("a"));
    signal.unbounded_send(Signal::Terminate).unwrap();
    // All that it may do has been let on, and no more than it accepted is done.
    (0..5).for_each(|_| on.send(()).unwrap());
    let summary = run.await.unwrap().unwrap();
    assert_eq!(summary.to_string(), "5 jobs: 3 done, 0 failed, 2 left");
    assert_eq!(summary.exit_code(), 3);

    let summary =
        place.server(settings(), str::to_uppercase).run(place.jobs(), stream::pending()).await.unwrap();
    assert!(summary.to_string().starts_with("5 jobs: 5 done, 0 failed, 0 left"));
    assert_eq!(place.journal(), ["done a", "done b", "done c", "done d", "done e"]);
}

/// Of a job that hangs nobody knows when it ends.
#[tokio::test(start_paused = true)]
async fn after_the_grace_time_the_rest_is_cut_off_and_left() {
    let place = Place::new(["a", "b", "c", "d", "e"]);
    let settings = Settings { slow: Duration::from_secs(3600), ..settings() };
    let server = place.server(settings.clone(), str::to_uppercase);
    let begin = tokio::time::Instant::now();
    let summary = server.run(place.jobs(), once(Signal::Interrupt)).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), settings.grace.as_secs());
    assert_eq!(summary.to_string(), "5 jobs: 0 done, 0 failed, 5 left; 3 cut off");
    assert_eq!(summary.exit_code(), 4);
    assert!(place.journal().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_cuts_off_at_once() {
    let place = Place::new(["a"]);
    let settings = Settings { slow: Duration::from_secs(3600), ..settings() };
    let begin = tokio::time::Instant::now();
    let signals = stream::iter([Signal::Interrupt; 2]).chain(stream::pending());
    let summary = place.server(settings, str::to_uppercase).run(place.jobs(), signals).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(1));
    assert_eq!(
        (summary.to_string().as_str(), summary.exit_code()),
        ("1 jobs: 0 done, 0 failed, 1 left; 1 cut off", 4)
    );
}

/// A crash in the grace time is not the end of those behind it.
#[tokio::test(start_paused = true)]
async fn a_worker_is_made_anew_while_it_drains() {
    let place = Place::new(["a", "b", "c"]);
    let settings = Settings { slow: Duration::from_secs(1), ..settings() };
    let server = place.server(settings, |text| {
        assert_ne!(text, "a", "never");
        text.to_uppercase()
    });
    let summary = server.run(place.jobs(), once(Signal::Terminate)).await.unwrap();
    assert_eq!((summary.to_string().as_str(), summary.exit_code()), ("3 jobs: 2 done, 1 failed, 0 left", 0));
}

#[tokio::test]
async fn too_many_crashes_are_the_end_and_the_rest_is_left() {
    let place = Place::new(["a", "b", "c", "d", "e", "f"]);
    let settings = Settings { crashes: 2, ..settings() };
    let server = place.server(settings, |text| panic!("no {text}"));
    let summary = server.run(place.jobs(), stream::pending()).await.unwrap();
    let said = summary.to_string();
    assert!(
        said.starts_with(
            "6 jobs: 0 done, 0 failed, 6 left; 3 cut off; gave up: failed: more than 2 restarts"
        ),
        "{said}"
    );
    assert_eq!(summary.exit_code(), 5);
    assert!(place.journal().is_empty());
}

#[tokio::test]
async fn a_folder_that_takes_no_results_is_an_error() {
    let place = Place::new(["a", "b"]);
    let server = place.server(settings(), str::to_uppercase);
    fs::create_dir(place.results().join(".a.new")).unwrap();
    let error = server.run(place.jobs(), stream::pending()).await.unwrap_err();
    assert!(matches!(error, Error::Io { what: "write", .. }), "{error}");
}

fn once(signal: Signal) -> impl Stream<Item = Signal> + Unpin {
    stream::iter([signal]).chain(stream::pending())
}
