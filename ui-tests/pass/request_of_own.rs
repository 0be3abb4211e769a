//! A type of the user's own that is called as the library's requests.

#![deny(warnings)]

use actor_core::prelude::{Actor as _, CallError, actor};

#[derive(Clone, Debug, PartialEq)]
struct Request<T>(T);

mod borrowing {
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Request<'a, T>(pub(crate) &'a str, pub(crate) T);
}

#[actor]
struct Server<T: Clone + Send + 'static = u8> {
    last: Option<T>,
}

#[actor(derive(Clone, Debug))]
impl<T: Clone + Send + 'static> Server<T> {
    pub fn serve(&mut self, request: Request<T>) -> Request<T> {
        self.last = Some(request.0.clone());
        request
    }
    pub fn serve_all(&self, all: Vec<Request<T>>, more: &[Request<u8>]) -> Result<Vec<Request<T>>, Request<u8>> {
        if more.is_empty() { Ok(all) } else { Err(more[0].clone()) }
    }
    pub fn any<R: Send + 'static>(&self, request: Request<R>, of: impl Fn(R) -> Request<u8> + Send) -> Request<u8> {
        of(request.0)
    }
    pub async fn later(&mut self, #[cfg(all())] request: Request<u8>) -> Request<u8> {
        request
    }
    pub fn elided(&self, request: borrowing::Request<u8>) -> u8 {
        request.1
    }
    pub fn by(&self, by: fn(&str) -> borrowing::Request<u8>) -> u8 {
        by("it").1
    }
}

#[actor]
struct Fixed;

impl Fixed {
    const N: usize = 2;
}

#[actor]
impl Fixed {
    pub fn sized(&self, one: &Request<u8>) -> Option<Request<[u8; Self::N]>> {
        Some(Request([one.0; 2]))
    }
}

#[actor]
trait Served<T: Send + 'static> {
    fn serve(&mut self, request: Request<T>) -> Request<T>;
    async fn serve_all(&self, all: Vec<Request<T>>) -> Vec<Request<u8>>;
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::<u8> { last: None }.spawn();
    let Request(_) = server.serve(Request(1)).await?;
    match server.serve_all(vec![Request(1)], vec![Request(2)]).await {
        Ok(all) => drop::<Vec<Request<u8>>>(all),
        Err(CallError::Handler(Request(_)) | _) => {}
    }
    let Some(Request([_, _])) = Fixed.spawn().sized(Request(1)).await? else { return Ok(()) };
    let Request(_) = server.any(Request('a'), |_| Request(1)).await?;
    let message = server.elided(borrowing::Request("it", 1)).into_message();
    assert!(matches!(message, ServerMessage::Elided { request: borrowing::Request("it", 1) }));
    Ok(())
}

fn served<T: Send + 'static>(server: &ServedHandle<T>, request: Request<T>) -> impl Future + use<'_, T> {
    server.serve(request)
}

fn main() {
    drop(run());
    let _ = served::<u8>;
}
