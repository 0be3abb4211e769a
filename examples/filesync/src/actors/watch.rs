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
        let watcher = notify::recommended_watcher(move |event| drop(sender.unbounded_send(event)));
        let mut watcher = watcher.map_err(Error::Watch)?;
        for folder in folders {
            watcher.watch(folder, RecursiveMode::Recursive).map_err(Error::Watch)?;
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
        match event {
            Ok(event) if !is_change(&event) => return,
            Ok(_) => {}
            Err(error) => {
                let _ = self.reporter.warn(format!("some changes may not be seen: {error}")).tell().await;
            }
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

    #[tokio::test(start_paused = true)]
    async fn neither_a_look_nor_the_state_is_a_change() {
        let watch = watch();
        watch.notice(event(EventKind::Access(AccessKind::Any), "/a/x")).await.unwrap();
        watch.notice(event(EventKind::Any, "/a/.filesync/tmp/1")).await.unwrap();
        assert!(watch.when_time().timeout(LONG).await.is_err());
        // One that was renamed from there is in the folder now.
        let renamed = event(EventKind::Any, "/a/.filesync/tmp/1").unwrap().add_path("/a/x".into());
        watch.notice(Ok(renamed)).await.unwrap();
        watch.when_time().timeout(LONG).await.unwrap();
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
