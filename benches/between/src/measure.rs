//! What is measured of each contestant.

use crate::BoxError;
use crate::contestants::Peer;
use bytes::Bytes;
use clap::Args;
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How much is asked.
#[derive(Debug, Args)]
pub struct Load {
    /// Small calls one after the other
    #[arg(long, default_value_t = 5_000)]
    pub calls: usize,

    /// Small calls at once
    #[arg(long, default_value_t = 64)]
    pub at_once: usize,

    /// Small calls in all, many at once
    #[arg(long, default_value_t = 100_000)]
    pub many: usize,

    /// Bytes of a large reply
    #[arg(long, default_value_t = 1 << 20)]
    pub bulk: u32,

    /// Who ask for large replies at once
    #[arg(long, default_value_t = 8)]
    pub readers: usize,

    /// Large replies in all
    #[arg(long, default_value_t = 400)]
    pub replies: usize,

    /// Streams that are open at once
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub streams: u16,

    /// Items of each of them, of 64 bytes
    #[arg(long, default_value_t = 200)]
    pub items: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Of small calls one after the other, in microseconds.
    pub p50: f64,
    pub p99: f64,
    /// Small calls, of many that call at once.
    pub per_second: f64,
    /// Of large replies, a second.
    pub megabytes: f64,
    /// Of all streams together, a second. `None`: there are no streams.
    pub items: Option<f64>,
}

impl Figures {
    /// Of each figure for itself.
    pub fn median(rounds: &[Figures]) -> Figures {
        let of = |figure: fn(&Figures) -> Option<f64>| {
            let mut all: Vec<f64> = rounds.iter().filter_map(figure).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied()
        };
        Figures {
            p50: of(|f| Some(f.p50)).unwrap_or(f64::NAN),
            p99: of(|f| Some(f.p99)).unwrap_or(f64::NAN),
            per_second: of(|f| Some(f.per_second)).unwrap_or(f64::NAN),
            megabytes: of(|f| Some(f.megabytes)).unwrap_or(f64::NAN),
            items: of(|f| f.items),
        }
    }
}

const SMALL: Bytes = Bytes::from_static(&[7; 64]);

pub async fn all(peer: Arc<dyn Peer>, load: &Load) -> Result<Figures, BoxError> {
    for _ in 0..200 {
        echo(&*peer).await?;
    }
    let mut times = Vec::with_capacity(load.calls);
    for _ in 0..load.calls {
        let began = Instant::now();
        echo(&*peer).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;

    let small = shared_out(&peer, load.many, load.at_once, |peer| async move { echo(&*peer).await }).await?;
    let bulk = load.bulk;
    let large = shared_out(&peer, load.replies, load.readers, move |peer| async move {
        let reply = peer.bulk(bulk).await?;
        if reply.len() == bulk as usize { Ok(()) } else { Err("a reply of another size".into()) }
    })
    .await?;
    let items = streams(&peer, load).await?;
    Ok(Figures {
        p50: at(0.5),
        p99: at(0.99),
        per_second: load.many as f64 / small.as_secs_f64(),
        megabytes: (load.replies as f64 * f64::from(bulk)) / large.as_secs_f64() / 1e6,
        items,
    })
}

async fn echo(peer: &dyn Peer) -> Result<(), BoxError> {
    if peer.echo(SMALL).await? == SMALL { Ok(()) } else { Err("another echo".into()) }
}

/// How long `workers` take together for `all` calls.
async fn shared_out<F>(
    peer: &Arc<dyn Peer>,
    all: usize,
    workers: usize,
    call: impl Fn(Arc<dyn Peer>) -> F + Clone + Send + 'static,
) -> Result<Duration, BoxError>
where
    F: Future<Output = Result<(), BoxError>> + Send,
{
    let left = Arc::new(AtomicUsize::new(all));
    let began = Instant::now();
    let workers: Vec<_> = (0..workers)
        .map(|_| {
            let (peer, left, call) = (Arc::clone(peer), Arc::clone(&left), call.clone());
            tokio::spawn(async move {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    call(Arc::clone(&peer)).await?;
                }
                Ok::<_, BoxError>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(began.elapsed())
}

/// Items a second of streams that are all open before the first is read; `None` if there are no streams.
async fn streams(peer: &Arc<dyn Peer>, load: &Load) -> Result<Option<f64>, BoxError> {
    if peer.items(0).is_none() {
        return Ok(None);
    }
    let count = load.items;
    let began = Instant::now();
    let open = |_| {
        let peer = Arc::clone(peer);
        tokio::spawn(async move { peer.items(count).ok_or("no streams")?.await })
    };
    let opened = try_join_all((0..load.streams).map(open)).await?;
    let readers = opened.into_iter().map(|items| {
        tokio::spawn(async move {
            let read = items?.try_fold(0, |read, item| async move { Ok(read + u32::from(item == SMALL)) });
            if read.await? == count { Ok::<_, BoxError>(()) } else { Err("items are missing".into()) }
        })
    });
    for reader in try_join_all(readers).await? {
        reader?;
    }
    Ok(Some(f64::from(load.streams) * f64::from(count) / began.elapsed().as_secs_f64()))
}
