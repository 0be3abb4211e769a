//! Where a server that helps nodes is: a relay, or one that tells where others are.

use iroh::RelayUrl;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The URL of a server: `https://relay.example.org`, with a port and a path where there are some. `http` is for tests and for networks that are encrypted otherwise.
///
/// It has neither a user nor a query nor a fragment, and no comma: it stands in [tickets](crate::Ticket), which others read.
///
/// ```
/// use actor_remote::ServerUrl;
///
/// let relay: ServerUrl = "https://relay.example.org".parse()?;
/// assert_eq!(relay.to_string(), "https://relay.example.org/");
///
/// let error = "relay.example.org".parse::<ServerUrl>().unwrap_err();
/// assert!(error.to_string().starts_with("`relay.example.org` is no URL of a server"));
/// # Ok::<(), actor_remote::NoServerUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerUrl(pub(crate) RelayUrl);

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({})", self.0)
    }
}

/// A text that is no URL of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no URL of a server, as `https://relay.example.org` is: {reason}")]
pub struct NoServerUrl {
    /// The text.
    pub url: String,
    /// What is wrong with it.
    pub reason: String,
}

type Url = <RelayUrl as Deref>::Target;

impl ServerUrl {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ServerUrl {
    type Err = NoServerUrl;

    fn from_str(text: &str) -> Result<Self, NoServerUrl> {
        let no_url = |reason: String| NoServerUrl { url: text.to_owned(), reason };
        let url: Url = text.parse().map_err(|error: <Url as FromStr>::Err| no_url(error.to_string()))?;
        let why_not = match &url {
            url if !matches!(url.scheme(), "http" | "https") => {
                Some("it begins neither with `https` nor with `http`")
            }
            url if !url.has_host() => Some("it names no server"),
            url if !url.username().is_empty() || url.password().is_some() => Some("it has a user"),
            url if url.query().is_some() || url.fragment().is_some() => Some("it has a query or a fragment"),
            url if url.as_str().contains(',') => Some("it has a comma"),
            _ => None,
        };
        match why_not {
            Some(reason) => Err(no_url(reason.to_owned())),
            None => Ok(ServerUrl(url.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ServerUrl;

    #[test]
    fn what_is_no_url_of_a_server_is_named_with_its_reason() {
        for (text, reason) in [
            ("", "relative URL without a base"),
            ("relay", "relative URL without a base"),
            ("https://", "empty host"),
            ("ftp://relay.example.org", "it begins neither with `https` nor with `http`"),
            ("https://ann@relay.example.org", "it has a user"),
            ("https://relay.example.org/?token=1", "it has a query or a fragment"),
            ("https://relay.example.org/#here", "it has a query or a fragment"),
            ("https://relay.example.org/a,b", "it has a comma"),
        ] {
            let error = text.parse::<ServerUrl>().unwrap_err();
            assert_eq!((error.url.as_str(), error.reason.as_str()), (text, reason));
        }
        for text in ["https://relay.example.org", "http://127.0.0.1:3340/relay", "https://[::1]:443"] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!(url.to_string().parse::<ServerUrl>().unwrap(), url);
        }
    }
}
