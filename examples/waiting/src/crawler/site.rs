//! A web site of fifty pages on this machine, which speaks as much HTTP as is needed.

use actor_core::prelude::*;
use futures::stream;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Page n links to 2n + 1, to 2n + 2 and back to 0; what would come after the last page is not there.
const PAGES: u32 = 50;

#[actor]
pub(crate) struct Site {
    listener: Option<TcpListener>,
    /// How often each page was asked for.
    hits: HashMap<String, u32>,
    /// Who asked for the page that never comes.
    unanswered: Vec<TcpStream>,
}

/// Opens the site; it is there as long as its handle.
pub(crate) async fn open() -> io::Result<(SiteHandle, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let site = Site { listener: Some(listener), hits: HashMap::new(), unanswered: Vec::new() };
    Ok((site.spawn(), address))
}

#[actor]
impl Site {
    #[on_start]
    fn listen(&mut self, ctx: &mut Context<Self>) {
        let visitors = stream::unfold(self.listener.take(), |listener| async {
            let visitor = listener.as_ref()?.accept().await;
            Some((visitor.map(|(visitor, _)| visitor), listener))
        });
        ctx.attach(visitors, |visitor| SiteMessage::Visit { visitor });
    }

    #[message]
    fn visit(&mut self, ctx: &mut Context<Self>, visitor: io::Result<TcpStream>) {
        match visitor {
            Ok(visitor) => ctx.then(hear(visitor), |this, ctx, asked| {
                if let Ok((visitor, path)) = asked {
                    this.answer(ctx, visitor, path);
                } // Else it has hung up.
            }),
            Err(error) => ctx.fail(error),
        }
    }

    fn answer(&mut self, ctx: &mut Context<Self>, mut visitor: TcpStream, path: String) {
        match page(&path) {
            Some(page) => ctx.then(async move { visitor.write_all(page.as_bytes()).await }, |_, _, _| {}),
            None => self.unanswered.push(visitor),
        }
        *self.hits.entry(path).or_default() += 1;
    }

    /// On those that get no answer, when there is one.
    #[message(when = !self.unanswered.is_empty())]
    pub(crate) fn hang_up(&mut self) {
        self.unanswered.clear();
    }

    pub(crate) fn hits(&self) -> HashMap<String, u32> {
        self.hits.clone()
    }
}

/// `GET /7 HTTP/1.0`, and lines that do not matter up to an empty one.
async fn hear(visitor: TcpStream) -> io::Result<(TcpStream, String)> {
    let mut reader = BufReader::new(visitor.take(4096));
    let mut request = String::new();
    reader.read_line(&mut request).await?;
    let mut line = String::from("..");
    while line.len() > 2 {
        line.clear();
        reader.read_line(&mut line).await?;
    }
    let path = request.split(' ').nth(1).unwrap_or("/").to_owned();
    Ok((reader.into_inner().into_inner(), path))
}

/// The answer; none if there never is one.
fn page(path: &str) -> Option<String> {
    if path == "/silent" {
        return None;
    }
    let (status, text) = match path.strip_prefix('/').and_then(|n| n.parse::<u32>().ok()) {
        Some(n) if n < PAGES => {
            let mut text = format!(
                "<h1>{n}</h1> <a href=\"/{}\"> <a href=\"/{}\"> <a href=\"/0\">",
                2 * n + 1,
                2 * n + 2
            );
            if n == 3 {
                text.push_str("<a href=\"/silent\">");
            }
            ("200 OK", text)
        }
        _ => ("404 Not Found", "<h1>There is no such page</h1>".to_owned()),
    };
    Some(format!("HTTP/1.0 {status}\r\nContent-Type: text/html\r\n\r\n{text}"))
}
