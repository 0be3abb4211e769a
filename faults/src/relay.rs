//! The network between two machines: packets come in at one address and go on from another, or are lost, or come late.
//!
//! It is told what to do by lines of its standard input, and answers each with `ok` or what is wrong:
//!
//! | | |
//! |---|---|
//! | `link NAME LISTEN FROM TARGET` | what comes to `LISTEN` goes on from the address `FROM` to `TARGET`, and back |
//! | `up NAME cut`, `down NAME loss 50`, `up NAME delay 200`, `down NAME heal` | nothing, all but 50 of 1,000, or all after 200 ms goes that way; all at once again |
//! | `rebind NAME` | goes on from another port, as when a router forgets who it is |
//! | `target NAME TARGET` | goes on to somewhere else |

use crate::Fallible;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// What happens to packets of one direction.
#[derive(Clone, Copy, Default)]
struct Weather {
    is_cut: bool,
    /// Of a thousand.
    lost: u32,
    delay: Duration,
}

type Shared<T> = Arc<Mutex<T>>;

fn get<T: Copy>(shared: &Shared<T>) -> T {
    *shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set<T>(shared: &Shared<T>, value: T) {
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

/// Two machines' way to each other.
struct Link {
    inner: Arc<UdpSocket>,
    from: IpAddr,
    target: Shared<SocketAddr>,
    /// Who sent last from inside.
    client: Shared<Option<SocketAddr>>,
    up: Shared<Weather>,
    down: Shared<Weather>,
    tasks: Vec<JoinHandle<()>>,
}

impl Link {
    async fn open(listen: SocketAddr, from: IpAddr, target: SocketAddr) -> std::io::Result<Self> {
        let inner = Arc::new(UdpSocket::bind(listen).await?);
        let mut link = Link {
            inner,
            from,
            target: Arc::new(Mutex::new(target)),
            client: Shared::default(),
            up: Shared::default(),
            down: Shared::default(),
            tasks: Vec::new(),
        };
        link.rebind().await?;
        Ok(link)
    }

    async fn rebind(&mut self) -> std::io::Result<()> {
        self.tasks.drain(..).for_each(|task| task.abort());
        let outer = Arc::new(UdpSocket::bind((self.from, 0)).await?);
        let (inner, target, client) = (&self.inner, Arc::clone(&self.target), Arc::clone(&self.client));
        let known = Arc::clone(&client);
        let up = pass(inner, &outer, &self.up, move |who| {
            set(&known, Some(who));
            Some(get(&target))
        });
        let down = pass(&outer, inner, &self.down, move |_| get(&client));
        self.tasks.extend([up, down].into_iter().flatten());
        Ok(())
    }
}

/// Reads and sends in one task each: a packet that waits for its time delays no reading.
fn pass(
    from: &Arc<UdpSocket>,
    to: &Arc<UdpSocket>,
    weather: &Shared<Weather>,
    next: impl Fn(SocketAddr) -> Option<SocketAddr> + Send + 'static,
) -> [JoinHandle<()>; 2] {
    let (from, to, weather) = (Arc::clone(from), Arc::clone(to), Arc::clone(weather));
    let (queue, mut queued) = mpsc::unbounded_channel::<(Instant, Vec<u8>, SocketAddr)>();
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // An error is that of a packet before, whose receiver has gone.
            let Ok((length, who)) = from.recv_from(&mut buffer).await else { continue };
            let Weather { is_cut, lost, delay } = get(&weather);
            let next = next(who);
            let is_lost = is_cut || fastrand::u32(0..1000) < lost;
            if let (Some(next), false) = (next, is_lost) {
                let packet = buffer.get(..length).unwrap_or_default().to_vec();
                // If it fails the way has been made anew.
                let _ = queue.send((Instant::now() + delay, packet, next));
            }
        }
    });
    let sending = tokio::spawn(async move {
        while let Some((due, packet, next)) = queued.recv().await {
            sleep_until(due).await;
            let _ = to.send_to(&packet, next).await;
        }
    });
    [reading, sending]
}

pub(crate) async fn run() -> Fallible {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut links = HashMap::new();
    while let Some(line) = lines.next_line().await? {
        match obey(&mut links, &line).await {
            Ok(()) => println!("ok"),
            Err(error) => println!("`{line}`: {error}"),
        }
    }
    Ok(())
}

async fn obey(links: &mut HashMap<String, Link>, line: &str) -> Fallible {
    let words: Vec<&str> = line.split(' ').collect();
    if let ["link", name, listen, from, target] = words[..] {
        let link = Link::open(listen.parse()?, from.parse()?, target.parse()?).await?;
        links.insert(name.to_owned(), link);
        return Ok(());
    }
    let [verb, name, rest @ ..] = &words[..] else { return Err("no command".into()) };
    let link = links.get_mut(*name).ok_or("no such link")?;
    let weather = match *verb {
        "up" => &link.up,
        "down" => &link.down,
        "rebind" => return Ok(link.rebind().await?),
        "target" => {
            set(&link.target, rest.first().ok_or("no target")?.parse()?);
            return Ok(());
        }
        _ => return Err("no command".into()),
    };
    let now = get(weather);
    let new = match rest {
        ["cut"] => Weather { is_cut: true, ..now },
        ["loss", lost] => Weather { lost: lost.parse()?, ..now },
        ["delay", delay] => Weather { delay: Duration::from_millis(delay.parse()?), ..now },
        ["heal"] => Weather::default(),
        _ => return Err("no weather".into()),
    };
    set(weather, new);
    Ok(())
}
