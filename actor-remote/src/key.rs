//! Who a node is: a pair of keys, the public one its name, the secret one on its disk.

use iroh::{PublicKey, SecretKey};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The public key of a node: who it is. Written as 64 hexadecimal digits.
///
/// Whoever answers to it has proven to hold the secret key that belongs to it.
///
/// ```
/// use actor_remote::Key;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = actor_remote::Node::local().await?;
/// let key: Key = node.key().to_string().parse()?;
/// assert_eq!(key, node.key());
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) PublicKey);

impl Key {
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        PublicKey::from_bytes(bytes).ok().map(Key)
    }

    /// The key of the node that has its identity in this file, which is made if it is not there: see [`NodeBuilder::identity`](crate::NodeBuilder::identity).
    ///
    /// So a program can allow another one on its machine that will start later and has the right to read that file.
    ///
    /// ```
    /// use actor_remote::{Key, Node};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("console");
    /// let server = Node::local().await?;
    /// server.allow(Key::in_file(&file)?);
    ///
    /// let console = Node::builder().identity(&file).bind(([127, 0, 0, 1], 0)).start().await?;
    /// assert_eq!(console.key(), Key::in_file(&file)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If the file can be neither read nor made, if others can read it, or if it holds no key.
    pub fn in_file(path: impl AsRef<Path>) -> Result<Key, IdentityError> {
        identity(path.as_ref()).map(|secret| Key(secret.public()))
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(")?;
        self.as_bytes().iter().take(5).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("..)")
    }
}

/// A text that is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key: 64 hexadecimal digits are")]
pub struct NoKey(pub(crate) String);

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let no_key = || NoKey(text.to_owned());
        let bytes = unhex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).ok_or_else(no_key)?;
        PublicKey::from_bytes(&bytes).map(Key).map_err(|_| no_key())
    }
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}

/// Why an identity could not be read or made.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "{} is open to others (mode {mode:03o}): its key may be known; `chmod 600` it if you are sure that it is not, or delete it for a new one",
        path.display()
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds no key.
    #[error("{} holds no secret key: 64 hexadecimal digits are one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// The secret key in this file, which is made if it is not there: for its owner alone, and complete or not at all.
pub(crate) fn identity(path: &Path) -> Result<SecretKey, IdentityError> {
    let io = |source| IdentityError::Io { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path).map_err(io)?;
            // Somebody else may have been faster: what lies there counts.
            read(path, File::open(path).map_err(io)?)
        }
        Err(error) => Err(io(error)),
    }
}

fn read(path: &Path, file: File) -> Result<SecretKey, IdentityError> {
    let io = |source| IdentityError::Io { path: path.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(IdentityError::Permissions { path: path.to_owned(), mode });
        }
    }
    let mut text = String::new();
    // A key is short; whatever else this is need not be read.
    match file.take(1024).read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
        Err(error) => return Err(io(error)),
    }
    unhex(text.trim())
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .map(|bytes| SecretKey::from_bytes(&bytes))
        .ok_or_else(|| IdentityError::Damaged { path: path.to_owned() })
}

fn make(path: &Path) -> io::Result<()> {
    let key = SecretKey::generate();
    let text: String = key.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    // A link, unlike a renaming, does not replace what somebody else has put there.
    let linked = written.and_then(|()| match std::fs::hard_link(&beside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let _ = std::fs::remove_file(&beside);
    linked
}
