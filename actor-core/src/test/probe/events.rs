//! What a test waits for at a probe.

use super::{Call, Probe, SHOWN};
use crate::actor::Message;
use crate::test::census::Census;
use crate::test::expect::Event;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The next message, or the next of those that are wanted.
pub(super) struct Next<'a, M: Message, F> {
    probe: &'a mut Probe<M>,
    wanted: Option<F>,
    skips: bool,
    skipped: usize,
}

impl<M: Message, F: FnMut(&M) -> bool> Event<Call<M>> for Next<'_, M, F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Call<M>, String>> {
        loop {
            let call = match self.probe.poll_call(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(why)) => {
                    return Poll::Ready(Err(format!("expected {}, {why}", self.what())));
                }
                Poll::Ready(Ok(call)) => call,
            };
            if self.wanted.as_mut().is_none_or(|wanted| wanted(call.message())) {
                self.probe.remember(&call);
                return Poll::Ready(Ok(call));
            }
            if !self.skips {
                let came = self.probe.came(&call);
                return Poll::Ready(Err(format!("expected {}, but {came}", self.what())));
            }
            self.skipped += 1;
            self.probe.remember(&call);
        }
    }

    fn late(&mut self, within: Duration) -> Result<Call<M>, String> {
        let but = match self.skipped {
            0 => "nothing".to_owned(),
            1 => "only another one".to_owned(),
            skipped => format!("only {skipped} others"),
        };
        Err(format!("expected {}, but {but} came within {within:?}{}", self.what(), self.probe.before()))
    }

    fn census(&self) -> Option<Arc<Census>> {
        self.probe.census()
    }
}

impl<'a, M: Message, F> Next<'a, M, F> {
    /// `wanted` says which; without it any.
    pub(super) fn new(probe: &'a mut Probe<M>, wanted: Option<F>) -> Self {
        Next { probe, wanted, skips: false, skipped: 0 }
    }

    /// Those that are not wanted are skipped.
    pub(super) fn skipping(self) -> Self {
        Next { skips: true, ..self }
    }

    fn what(&self) -> String {
        let kind = if self.wanted.is_some() { "a message that the test wants" } else { "a message" };
        format!("{kind} for {}", self.probe.label())
    }
}

/// Messages of these names, in any order.
pub(super) struct All<'a, M: Message, const N: usize> {
    probe: &'a mut Probe<M>,
    names: [&'a str; N],
    /// With the order in which they came.
    found: [Option<(usize, Call<M>)>; N],
    came: usize,
}

impl<'a, M: Message, const N: usize> All<'a, M, N> {
    pub(super) fn new(probe: &'a mut Probe<M>, names: [&'a str; N]) -> Self {
        All { probe, names, found: [const { None }; N], came: 0 }
    }

    fn missing(&self) -> String {
        let missing = self.names.iter().zip(&self.found).filter(|(_, found)| found.is_none());
        let missing: Vec<_> = missing.map(|(name, _)| format!("`{name}`")).collect();
        format!("{} for {}", missing.join(", "), self.probe.label())
    }
}

impl<M: Message, const N: usize> Event<[Call<M>; N]> for All<'_, M, N> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<[Call<M>; N], String>> {
        while self.found.iter().any(Option::is_none) {
            let call = match self.probe.poll_call(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(why)) => {
                    return Poll::Ready(Err(format!("expected {}, {why}", self.missing())));
                }
                Poll::Ready(Ok(call)) => call,
            };
            let mut places = self.names.iter().zip(&mut self.found);
            match places.find(|(name, found)| found.is_none() && **name == call.name()) {
                Some((_, place)) => {
                    *place = Some((self.came, call));
                    self.came += 1;
                }
                None => {
                    let came = self.probe.came(&call);
                    return Poll::Ready(Err(format!("expected {}, but {came}", self.missing())));
                }
            }
        }
        let mut order: Vec<_> = self.found.iter().flatten().map(|(came, call)| (*came, call)).collect();
        order.sort_by_key(|(came, _)| *came);
        let texts: Vec<_> = order.into_iter().map(|(_, call)| call.text(self.probe.text)).collect();
        self.probe.seen.extend(texts);
        let surplus = self.probe.seen.len().saturating_sub(SHOWN);
        self.probe.seen.drain(..surplus);
        let found: Vec<_> = self.found.iter_mut().filter_map(Option::take).map(|(_, call)| call).collect();
        match found.try_into() {
            Ok(all) => Poll::Ready(Ok(all)),
            Err(_) => Poll::Ready(Err("expected messages, and they were taken before".to_owned())),
        }
    }

    fn late(&mut self, within: Duration) -> Result<[Call<M>; N], String> {
        let before = self.probe.before();
        Err(format!("expected {}, but nothing more came within {within:?}{before}", self.missing()))
    }

    fn census(&self) -> Option<Arc<Census>> {
        self.probe.census()
    }
}

/// What came goes back, as if nobody had looked.
impl<M: Message, const N: usize> Drop for All<'_, M, N> {
    fn drop(&mut self) {
        let mut found: Vec<_> = self.found.iter_mut().filter_map(Option::take).collect();
        found.sort_by_key(|(came, _)| *came);
        for (_, call) in found.into_iter().rev() {
            self.probe.returned.push_front(call);
        }
    }
}

/// That none comes.
pub(super) struct Nothing<'a, M: Message>(pub(super) &'a mut Probe<M>);

impl<M: Message> Event<()> for Nothing<'_, M> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        match self.0.poll_call(cx) {
            Poll::Ready(Ok(call)) => {
                Poll::Ready(Err(format!("expected nothing, but {}", self.0.came(&call))))
            }
            // From one that has ended nothing comes.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }

    fn late(&mut self, _: Duration) -> Result<(), String> {
        Ok(())
    }

    fn census(&self) -> Option<Arc<Census>> {
        self.0.census()
    }
}
