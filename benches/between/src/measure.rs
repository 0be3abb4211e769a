//! What is measured of each contestant.

use crate::BoxError;
use crate::contestants::Peer;
use bytes::Bytes;
use clap::Args;
use std::fmt;
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
}

#[derive(Clone, Copy, Debug)]
pub struct Figures {
    p50: f64,
    p99: f64,
    per_second: f64,
    megabytes: f64,
}

impl Figures {
    /// Of each figure for itself.
    pub fn median(rounds: &[Figures]) -> Figures {
        let of = |figure: fn(&Figures) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Figures {
            p50: of(|f| f.p50),
            p99: of(|f| f.p99),
            per_second: of(|f| f.per_second),
            megabytes: of(|f| f.megabytes),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { p50, p99, per_second, megabytes } = self;
        write!(f, "{p50:.0} | {p99:.0} | {per_second:.0} | {megabytes:.0}")
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
    Ok(Figures {
        p50: at(0.5),
        p99: at(0.99),
        per_second: load.many as f64 / small.as_secs_f64(),
        megabytes: (load.replies as f64 * f64::from(bulk)) / large.as_secs_f64() / 1e6,
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
