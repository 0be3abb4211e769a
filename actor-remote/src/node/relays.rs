//! Relays: servers that pass on to a node what comes for it from those who cannot reach it directly.

use super::{Inner, Node, NodeBuilder, NodeError};
use crate::server_url::ServerUrl;
use iroh::endpoint::{RelayMode, RelayStatus};
use iroh::tls::{CaTlsConfig, default_provider};
use iroh::{Endpoint, RelayConfig, RelayMap, Watcher as _};
use std::fmt;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::timeout;

/// Those that a node is to have.
#[derive(Clone, Debug, Default)]
pub(super) struct Relays {
    known: Vec<(ServerUrl, Option<Token>)>,
    /// Whose certificates they may show, besides the usual ones.
    authorities: Vec<Vec<u8>>,
}

/// What a relay lets in for: it is not shown.
#[derive(Clone)]
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Relays {
    pub(super) fn is_some(&self) -> bool {
        !self.known.is_empty()
    }

    pub(super) fn urls(&self) -> Vec<ServerUrl> {
        self.known.iter().map(|(url, _)| url.clone()).collect()
    }

    pub(super) fn mode(&self) -> RelayMode {
        if self.known.is_empty() {
            return RelayMode::Disabled;
        }
        let relays = self.known.iter().map(|(url, token)| {
            let relay = RelayConfig::from(url.0.clone());
            match token {
                Some(token) => relay.with_auth_token(&token.0),
                None => relay,
            }
        });
        RelayMode::Custom(RelayMap::from_iter(relays))
    }

    pub(super) fn trust(&self) -> Result<CaTlsConfig, NodeError> {
        let mut trust = CaTlsConfig::default();
        for authority in &self.authorities {
            // The engine passes over what is none; alone, it is missed.
            let alone = CaTlsConfig::custom_roots([authority.clone().into()]);
            alone
                .server_cert_verifier(default_provider())
                .map_err(|error| NodeError::Authority(error.to_string()))?;
            trust = trust.with_extra_roots([authority.clone().into()]);
        }
        Ok(trust)
    }
}

impl NodeBuilder {
    /// A server that passes on to this node what comes for it from those who cannot reach it directly; several times for several, of which it uses the nearest
    /// one that answers. None by default. `iroh-relay` is one that you can run.
    ///
    /// A relay stands in the node's [tickets](crate::Ticket) as soon as it passes on: see [`online`](Node::online). It serves to find a direct way as well, which
    /// is taken when there is one; so whoever calls this node, or is called by it, learns the addresses that it has, unless it is [behind relays only](Self::behind_relays_only).
    ///
    /// What is in others' tickets, in handles that come in messages, and said of members, leads to their relays as well, when those are called.
    ///
    /// It sees this node's key, its address, with whom it speaks, how much and when; what is said it cannot read, and it can be nobody. A node without relays can use none: it does not
    /// reach who is only behind one.
    pub fn relay(mut self, url: ServerUrl) -> Self {
        self.relays.known.push((url, None));
        self
    }

    /// [`relay`](Self::relay) for one that asks for a token, which is said to it and to no other.
    pub fn relay_with_token(mut self, url: ServerUrl, token: impl Into<String>) -> Self {
        self.relays.known.push((url, Some(Token(token.into()))));
        self
    }

    /// The certificate (X.509 in DER) of an authority of your own, for relays and servers of records that show certificates of it; several times for several. The usual
    /// authorities count besides.
    ///
    /// # Errors
    /// [`start`](Self::start) says if it is no certificate.
    pub fn authority(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.relays.authorities.push(certificate.into());
        self
    }

    /// Nothing goes to or comes from others but by relays: nobody but those learns the addresses of this node. It goes to no others than it is given here, and those in tickets that it
    /// [learns](Node::learn) or that a service names which it asks: not to those that are named in handles, or of members.
    ///
    /// # Errors
    /// [`start`](Self::start) says if the node has no relay.
    pub fn behind_relays_only(mut self) -> Self {
        self.is_behind_relays = true;
        self
    }
}

/// No relay passes on to the node.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRelay {
    /// The node was given none.
    #[error("the node has no relay: `NodeBuilder::relay` gives it one")]
    Unset,
    /// One does not let it in.
    #[error("the relay {url} does not let the node in: {reason}")]
    Denied {
        /// Where it is.
        url: ServerUrl,
        /// What it says.
        reason: String,
    },
    /// None could be reached in time.
    #[error("no relay was reached in time: {}{}", tried(relays), last.as_ref().map(|(url, why)| format!("; {url}: {why}")).unwrap_or_default())]
    Timeout {
        /// Those that were tried: all that the node was given.
        relays: Vec<ServerUrl>,
        /// The one that it was about to use, and why not, if that is known. Where none answers, it chooses none.
        last: Option<(ServerUrl, String)>,
    },
}

fn tried(relays: &[ServerUrl]) -> String {
    relays.iter().map(ServerUrl::to_string).collect::<Vec<_>>().join(", ")
}

impl Node {
    /// Waits until a relay passes on to this node: until then nobody reaches it by one, and there is none in its [ticket](Self::ticket). It may be lost later, and is looked for
    /// again then.
    ///
    /// # Errors
    /// If the node has no relay, one does not let it in, or none was reached within this time.
    ///
    /// # Cancel safety
    /// Yes.
    pub async fn online(&self, within: Duration) -> Result<ServerUrl, NoRelay> {
        if self.inner().settings.relays.is_empty() {
            return Err(NoRelay::Unset);
        }
        let mut statuses = self.inner().endpoint.home_relay_status();
        let mut seen = statuses.get();
        let outcome = timeout(within, async {
            loop {
                if let Some(outcome) = seen.iter().find_map(settled) {
                    return outcome;
                }
                match statuses.updated().await {
                    Ok(statuses) => seen = statuses,
                    Err(_) => std::future::pending().await,
                }
            }
        });
        match outcome.await {
            Ok(outcome) => outcome,
            Err(_) => {
                let relays = self.inner().settings.relays.clone();
                Err(NoRelay::Timeout { relays, last: seen.iter().find_map(failure) })
            }
        }
    }
}

/// Whenever a relay passes on to the node again, whoever could not be reached may be.
pub(super) async fn follow(endpoint: Endpoint, node: Weak<Inner>) {
    let mut statuses = endpoint.home_relay_status();
    let mut was_connected = true;
    while let Ok(seen) = statuses.updated().await {
        let is_connected = seen.iter().any(RelayStatus::is_connected);
        if is_connected && !was_connected {
            let Some(node) = node.upgrade() else { return };
            node.retry();
        }
        was_connected = is_connected;
    }
}

/// What waiting comes to, if that is known.
fn settled(status: &RelayStatus) -> Option<Result<ServerUrl, NoRelay>> {
    let url = || ServerUrl(status.url().clone());
    match status.auth_denied_reason() {
        _ if status.is_connected() => Some(Ok(url())),
        Some(reason) => Some(Err(NoRelay::Denied { url: url(), reason: reason.to_owned() })),
        None => None,
    }
}

fn failure(status: &RelayStatus) -> Option<(ServerUrl, String)> {
    let error = status.last_error()?;
    Some((ServerUrl(status.url().clone()), format!("{error:#}")))
}
