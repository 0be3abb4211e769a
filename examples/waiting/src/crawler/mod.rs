//! A crawler: one actor, many requests in flight, each page once; it can be stopped at any moment, and says how far it came.

mod site;

use actor_core::prelude::*;
use std::collections::{HashSet, VecDeque};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[actor]
pub(crate) struct Crawler {
    site: SocketAddr,
    /// How many requests may be in flight.
    at_once: usize,
    /// How long to wait for one page.
    patience: Duration,
    known: HashSet<String>,
    queue: VecDeque<String>,
    in_flight: usize,
    summary: Summary,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    read: usize,
    broken: usize,
    /// No answer in time.
    silent: usize,
    /// Known, but not seen before the end.
    left: usize,
    most_in_flight: usize,
}

#[actor]
impl Crawler {
    /// Begins here, and follows all links.
    pub(crate) fn visit(&mut self, ctx: &mut Context<Self>, path: &str) {
        self.found(path);
        self.go_on(ctx);
    }

    fn found(&mut self, path: &str) {
        if self.known.insert(path.to_owned()) {
            self.queue.push_back(path.to_owned());
        }
    }

    fn go_on(&mut self, ctx: &mut Context<Self>) {
        while self.in_flight < self.at_once
            && let Some(path) = self.queue.pop_front()
        {
            self.in_flight += 1;
            self.summary.most_in_flight = self.summary.most_in_flight.max(self.in_flight);
            ctx.then(timeout(self.patience, fetch(self.site, path)), |this, ctx, page| {
                this.in_flight -= 1;
                match page {
                    Ok(Ok(page)) => {
                        this.summary.read += 1;
                        links(&page).for_each(|path| this.found(path));
                    }
                    Ok(Err(_)) => this.summary.broken += 1,
                    Err(_) => this.summary.silent += 1,
                }
                this.go_on(ctx);
            });
        }
    }

    /// Answered when there is nothing left to ask for.
    #[message(when = self.queue.is_empty() && self.in_flight == 0)]
    pub(crate) fn done(&self) {}

    /// Ends it, and what is in flight with it.
    pub(crate) fn close(self) -> Summary {
        Summary { left: self.queue.len() + self.in_flight, ..self.summary }
    }
}

fn crawler(site: SocketAddr, at_once: usize, patience: Duration) -> CrawlerHandle {
    let (known, queue, summary) = (HashSet::new(), VecDeque::new(), Summary::default());
    Crawler { site, at_once, patience, known, queue, in_flight: 0, summary }.spawn()
}

async fn fetch(site: SocketAddr, path: String) -> io::Result<String> {
    let mut connection = TcpStream::connect(site).await?;
    connection.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    connection.take(1 << 20).read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, page)) if head.starts_with("HTTP/1.0 200") => Ok(page.to_owned()),
        _ => Err(io::Error::other("no page")),
    }
}

fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// Ctrl-C ends it early, and so does the limit.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let (_site, address) = site::open().await?;
    let crawler = crawler(address, 8, Duration::from_millis(200));
    crawler.visit("/0").await?;
    tokio::select! {
        done = crawler.done().timeout(Duration::from_secs(5)) => match done {
            Ok(()) => println!("all is seen"),
            Err(error) => println!("not all is seen: {error}"),
        },
        _ = tokio::signal::ctrl_c() => println!("stopped"),
    }
    let Summary { read, broken, silent, left, most_in_flight } = crawler.close().await?;
    println!("{read} pages read, {broken} broken, {silent} silent, {left} left");
    println!("{most_in_flight} requests in flight at most");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn each_page_once_and_never_more_at_a_time_than_allowed() {
        let (site, address) = site::open().await.unwrap();
        let crawler = crawler(address, 4, LONG);
        crawler.visit("/0").await.unwrap();
        site.hang_up().await.unwrap();
        crawler.done().await.unwrap();
        let summary = crawler.close().await.unwrap();
        // Pages 0 to 49 link to 0 to 100, and to one where the site hung up.
        assert_eq!(summary, Summary { read: 50, broken: 52, silent: 0, left: 0, most_in_flight: 4 });
        let hits = site.hits().await.unwrap();
        assert_eq!(hits.len(), 102);
        assert!(hits.values().all(|times| *times == 1));
    }

    #[tokio::test]
    async fn a_page_that_never_comes_is_given_up() {
        let (_site, address) = site::open().await.unwrap();
        let crawler = crawler(address, 4, Duration::from_millis(20));
        crawler.visit("/silent").await.unwrap();
        crawler.done().await.unwrap();
        assert_eq!(crawler.close().await.unwrap().silent, 1);
    }

    #[tokio::test]
    async fn it_is_stopped_in_the_middle() {
        let (_site, address) = site::open().await.unwrap();
        let crawler = crawler(address, 1, LONG);
        crawler.visit("/silent").await.unwrap();
        crawler.visit("/0").await.unwrap();
        let done = crawler.done().timeout(Duration::from_millis(1)).await;
        assert!(matches!(done, Err(CallError::TimedOut { started: false })));
        let summary = crawler.close().await.unwrap();
        assert_eq!((summary.read, summary.left), (0, 2));
    }
}
