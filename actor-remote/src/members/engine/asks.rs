//! What others announce: they are asked themselves.

use super::Engine;
use crate::key::Key;
use crate::members::door::Announced;
use crate::node::NAME;
use actor_core::prelude::*;
use std::sync::Arc;

/// Members that are asked at a time: to make many connections at once takes long.
const ASKED: usize = 4;

/// Names of one member that are taken notice of.
const NAMES: usize = 1024;

impl Engine {
    /// Asks some of those of whom it is not known what they announce.
    pub(super) fn ask_on(&mut self, ctx: &mut Context<Self>) {
        let asked = self.peers.values().filter(|peer| peer.is_asked).count();
        let stale = self.peers.iter().filter(|(_, peer)| peer.is_stale && !peer.is_asked);
        let next: Vec<_> = stale.take(ASKED.saturating_sub(asked)).map(|(key, _)| *key).collect();
        next.into_iter().for_each(|key| self.ask(ctx, key));
    }

    /// Asks a member what it announces: so it is seen to be reached, and to be who it is said to be.
    fn ask(&mut self, ctx: &mut Context<Self>, key: Key) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        (peer.is_asked, peer.is_stale) = (true, false);
        let (generation, within) = (peer.id.generation(), self.pace * 4);
        let door = self.door(key);
        let asked = async move { door.announced().timeout(within).await };
        ctx.then(asked, move |this, ctx, said| {
            let is_said = said.is_ok();
            this.said(key, generation, said);
            if is_said {
                this.ask_on(ctx);
            }
        });
    }

    /// What a member has said, if it is still the same.
    fn said(&mut self, key: Key, generation: u64, said: Result<Announced, CallError>) {
        let peer = self.peers.get_mut(&key).filter(|peer| peer.id.generation() == generation);
        let Some(peer) = peer else { return };
        peer.is_asked = false;
        match said {
            Ok(said) => {
                let names = said.names.iter().filter(|name| name.len() <= NAME).take(NAMES);
                let names = Arc::new(names.cloned().collect());
                peer.said = Some((said, names));
                self.show();
            }
            // It is asked again in a while, as long as it counts as being there.
            Err(_) => peer.is_stale = true,
        }
    }
}
