//! **Ping Pong** (micro): one message at a time between two actors, there and back.
//!
//! A ping is a call, and the pong is its reply: nobody needs the other's address, and nothing is sent by hand.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;

/// Two actors that play.
#[derive(Clone, Copy, Debug)]
pub struct PingPong {
    /// How often the ball goes there and back.
    pub pings: u64,
}

#[actor]
struct Pong {
    pings: u64,
}

#[actor]
impl Pong {
    pub(crate) fn ping(&mut self) -> u64 {
        self.pings += 1;
        self.pings
    }
}

#[actor]
struct Ping {
    pong: PongHandle,
}

#[actor]
impl Ping {
    /// Plays to the end, and says what it heard last.
    pub(crate) async fn play(&mut self, pings: u64) -> Result<u64, CallError> {
        let mut pongs = 0;
        for _ in 0..pings {
            pongs = self.pong.ping().await?;
        }
        Ok(pongs)
    }
}

impl Benchmark for PingPong {
    const TITLE: &'static str = "Ping Pong";

    type Output = u64;

    fn at(scale: Scale) -> Self {
        PingPong { pings: scale.of(500, 40_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<u64, CallError> {
        let pong = Pong { pings: 0 }.spawn_with(how.clone());
        let ping = Ping { pong }.spawn_with(how.clone());
        ping.play(self.pings).await.map_err(CallError::flatten)
    }

    fn check(&self, pongs: u64) -> Checked {
        equal("pongs", &pongs, &self.pings)?;
        Ok(format!("{pongs} pongs"))
    }
}
