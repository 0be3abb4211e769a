//! The one who sees folders change.

use std::path::PathBuf;
use std::time::Duration;

use actor_core::prelude::*;
use futures::channel::mpsc;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::time::Instant;

use super::reporter::ReporterHandle;
use crate::error::Error;
use crate::path::STATE_DIR;

/// So long nothing must change before it is time: who saves one file often saves the next.
const QUIET: Duration = Duration::from_millis(200);
/// It is time though things go on changing: a log that is always written to keeps nothing back.
const LONGEST: Duration = Duration::from_secs(5);

/// Watches folders, and says when it is time to sync them.
#[actor]
#[derive(Debug)]
pub(crate) struct Watch {
    reporter: ReporterHandle,
    /// Watches as long as it lives.
    watcher: Option<RecommendedWatcher>,
    /// Of the first change since it was last time.
    changed: Option<Instant>,
    is_time: bool,
    has_changed: bool,
}

#[actor]
impl Watch {
    pub(crate) fn new(reporter: ReporterHandle) -> Self {
        Self { reporter, watcher: None, changed: None, is_time: false, has_changed: false }
    }

    /// Begins: no change from here on is missed.
    pub(crate) fn begin(&mut self, ctx: &mut Context<Self>, folders: &[PathBuf]) -> Result<(), Error> {
        let (sender, events) = mpsc::unbounded();
        // That nobody listens any more means that this actor has ended.
        let news = sieve(move |event| drop(sender.unbounded_send(event)));
        let mut watcher = notify::recommended_watcher(news).map_err(Error::Watch)?;
        for folder in folders {
            watcher.watch(folder, RecursiveMode::Recursive).map_err(Error::Watch)?;
            // Most of what a sync writes is written there first. Where it cannot be left out it is sieved.
            let _ = watcher.unwatch(&folder.join(STATE_DIR));
        }
        self.watcher = Some(watcher);
        ctx.attach(events, |event| WatchMessage::Notice { event });
        Ok(())
    }

    /// Answers when something has changed and all is quiet again, or somebody is in a [hurry](Self::hurry); and whether something has changed.
    #[message(when = self.is_time)]
    pub(crate) fn when_time(&mut self) -> bool {
        self.is_time = false;
        std::mem::take(&mut self.has_changed)
    }

    /// It is time now, whether something has changed in the folders or not: another one has.
    pub(crate) fn hurry(&mut self) {
        self.is_time = true;
    }

    #[message]
    async fn notice(&mut self, ctx: &mut Context<Self>, event: notify::Result<Event>) {
        if let Err(error) = event {
            let _ = self.reporter.warn(format!("some changes may not be seen: {error}")).tell().await;
        }
        let first = *self.changed.get_or_insert_with(Instant::now);
        let wait = QUIET.min(LONGEST.saturating_sub(first.elapsed()));
        ctx.after("quiet", wait, WatchMessage::Settle);
    }

    #[message]
    fn settle(&mut self) {
        self.changed = None;
        self.is_time = true;
        self.has_changed = true;
    }
}

/// Lets pass what is news.
///
/// A sync of many files makes more events than files. Of changes that come in a row the first in a while is enough: it is not time before all
/// has been quiet for longer than that.
fn sieve(mut pass: impl FnMut(notify::Result<Event>) + Send) -> impl FnMut(notify::Result<Event>) + Send {
    let mut last: Option<Instant> = None;
    move |event| match event {
        Ok(event) => {
            let is_new = || last.is_none_or(|last| last.elapsed() >= QUIET / 4);
            if is_change(&event) && is_new() {
                last = Some(Instant::now());
                pass(Ok(event));
            }
        }
        Err(error) => pass(Err(error)),
    }
}

/// Somebody has changed what is synced. To look at it is no change, nor what the program itself writes down.
fn is_change(event: &Event) -> bool {
    let is_state = |path: &PathBuf| path.components().any(|part| part.as_os_str() == STATE_DIR);
    let is_all_state = !event.paths.is_empty() && event.paths.iter().all(is_state);
    !matches!(event.kind, EventKind::Access(_)) && !is_all_state
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::actors::reporter::Reporter;
    use crate::progress::View;
    use notify::event::{AccessKind, ModifyKind};

    const LONG: Duration = Duration::from_secs(20);

    fn watch() -> WatchHandle {
        Watch::new(Reporter::new(View::Lines { labels: Vec::new() }).spawn()).spawn()
    }

    fn event(kind: EventKind, path: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(path.into()))
    }

    fn edit() -> notify::Result<Event> {
        event(EventKind::Modify(ModifyKind::Any), "/a/x")
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_time_once_all_is_quiet() {
        let (watch, begin) = (watch(), Instant::now());
        watch.notice(edit()).await.unwrap();
        tokio::time::advance(QUIET * 3 / 4).await;
        watch.notice(edit()).await.unwrap();
        watch.when_time().await.unwrap();
        let took = begin.elapsed();
        assert!(took >= QUIET * 7 / 4 && took < QUIET * 2, "{took:?}");
        assert!(matches!(watch.when_time().timeout(LONG).await, Err(CallError::TimedOut { started: false })));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_becomes_quiet_has_its_time_too() {
        let (watch, begin) = (watch(), Instant::now());
        let mut time = watch.when_time().start();
        while futures::FutureExt::now_or_never(&mut time).is_none() {
            assert!(begin.elapsed() < LONGEST * 2);
            watch.notice(edit()).await.unwrap();
            tokio::time::sleep(QUIET / 2).await;
        }
        assert!(begin.elapsed() >= LONGEST);
    }

    #[test]
    fn neither_a_look_nor_the_state_is_a_change() {
        let event = |kind, path| event(kind, path).unwrap();
        assert!(!is_change(&event(EventKind::Access(AccessKind::Any), "/a/x")));
        let temporary = event(EventKind::Any, "/a/.filesync/tmp/1");
        assert!(!is_change(&temporary));
        // One that was renamed from there is in the folder now.
        assert!(is_change(&temporary.add_path("/a/x".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_changes_in_a_row_some_are_told_and_every_error() {
        let mut told = Vec::new();
        {
            let mut news = sieve(|event| told.push(event.is_ok()));
            for _ in 0..100 {
                news(edit());
                news(event(EventKind::Access(AccessKind::Any), "/a/x"));
                tokio::time::advance(QUIET / 40).await;
            }
            news(Err(notify::Error::generic("too many")));
        }
        assert_eq!((told.len(), told.pop()), (11, Some(false)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_seen_is_looked_for() {
        let watch = watch();
        watch.notice(Err(notify::Error::generic("too many"))).await.unwrap();
        watch.when_time().timeout(LONG).await.unwrap();
        watch.notice(Ok(Event::new(EventKind::Other))).await.unwrap();
        watch.when_time().timeout(LONG).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_in_a_new_directory_is_seen_and_a_folder_that_is_not_there_is_an_error() {
        let (dir, watch) = (tempfile::tempdir().unwrap(), watch());
        let absent = watch.begin([dir.path().join("absent")]).await;
        assert!(matches!(absent, Err(CallError::Handler(Error::Watch(_)))));
        watch.begin([dir.path().to_owned()]).await.unwrap();
        fs::create_dir(dir.path().join("new")).unwrap();
        watch.when_time().timeout(LONG).await.unwrap();
        fs::write(dir.path().join("new/x"), "1").unwrap();
        watch.when_time().timeout(LONG).await.unwrap();
    }
}
