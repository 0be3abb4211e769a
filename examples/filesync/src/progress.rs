//! Bars where somebody watches, lines where somebody reads.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::show::{bytes, count};

/// Where and how progress is shown.
#[derive(Debug)]
pub(crate) enum View {
    Bars { all: MultiProgress, bars: Vec<ProgressBar> },
    Lines { labels: Vec<String> },
}

impl View {
    /// Bars if the user sees them.
    pub(crate) fn new(labels: &[String]) -> Self {
        if io::stderr().is_terminal() { Self::bars(labels) } else { Self::Lines { labels: labels.to_vec() } }
    }

    fn bars(labels: &[String]) -> Self {
        let all = MultiProgress::new();
        let template = "{prefix} [{bar:30}] {bytes}/{total_bytes} {binary_bytes_per_sec} {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars = labels
            .iter()
            .map(|label| {
                let bar = ProgressBar::new(0).with_style(style.clone().progress_chars("=> "));
                all.add(bar.with_prefix(label.clone()))
            })
            .collect();
        Self::Bars { all, bars }
    }

    /// To standard output; a reader that has gone away is no reason to stop syncing.
    pub(crate) fn line(&self, text: &str) {
        self.above_bars(|| drop(writeln!(io::stdout(), "{text}")));
    }

    /// To standard error.
    pub(crate) fn warning(&self, text: &str) {
        self.above_bars(|| drop(writeln!(io::stderr(), "warning: {text}")));
    }

    fn above_bars(&self, write: impl FnOnce()) {
        match self {
            Self::Bars { all, .. } => all.suspend(write),
            Self::Lines { .. } => write(),
        }
    }

    pub(crate) fn expect(&self, peer: usize, files: usize, size: u64) {
        match self {
            Self::Bars { bars, .. } => {
                if let Some(bar) = bars.get(peer) {
                    if bar.is_finished() {
                        bar.reset();
                        bar.set_length(0);
                    }
                    bar.inc_length(size);
                    bar.set_message(count(files, "file"));
                }
            }
            Self::Lines { labels } => {
                let label = labels.get(peer).map_or("?", String::as_str);
                self.line(&format!("{label}: taking {} ({})", count(files, "file"), bytes(size)));
            }
        }
    }

    pub(crate) fn moved(&self, peer: usize, size: u64) {
        if let Self::Bars { bars, .. } = self
            && let Some(bar) = bars.get(peer)
        {
            bar.inc(size);
        }
    }

    pub(crate) fn finish(&self) {
        if let Self::Bars { all, bars } = self {
            bars.iter().for_each(ProgressBar::finish_and_clear);
            let _ = all.clear();
        }
    }
}
