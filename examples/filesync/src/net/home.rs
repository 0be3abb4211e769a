//! What a folder keeps about its group, in `.filesync/net`: for its owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use actor_remote::Ticket;

use super::card::Card;
use crate::error::Error;
use crate::path::STATE_DIR;

/// The files of a folder that say who it is and whom it knows.
#[derive(Debug, Clone)]
pub(crate) struct Home(PathBuf);

/// Where this peer and its door were last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Here {
    pub(crate) peer: Ticket,
    pub(crate) door: Ticket,
}

impl Home {
    /// Of the folder `root`, whether there is anything or not.
    pub(crate) fn of(root: &Path) -> Self {
        Self(root.join(STATE_DIR).join("net"))
    }

    /// Makes the place for all the rest.
    pub(crate) fn make(&self) -> Result<(), Error> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(Error::io("create", &self.0))
    }

    /// The secret key of this peer: who it is.
    pub(crate) fn key(&self) -> PathBuf {
        self.0.join("key")
    }

    /// That of its door, which anybody may knock on, and which therefore is another node.
    pub(crate) fn door(&self) -> PathBuf {
        self.0.join("door")
    }

    /// That of those on this machine who may read this folder's state, and so may ask how it is.
    pub(crate) fn console(&self) -> PathBuf {
        self.0.join("console")
    }

    /// The secret of the invitation, which is made if it is not there.
    pub(crate) fn secret(&self) -> Result<String, Error> {
        let path = self.0.join("secret");
        if let Some(text) = read(&path)?
            && !text.trim().is_empty()
        {
            return Ok(text.trim().to_owned());
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| Error::io("draw", &path)(io::Error::other(error)))?;
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.write(&path, &format!("{secret}\n"))?;
        Ok(secret)
    }

    /// The others of the group, with the lines that make no sense.
    pub(crate) fn others(&self) -> Result<(Vec<Card>, usize), Error> {
        let text = read(&self.0.join("group"))?.unwrap_or_default();
        let (cards, bad): (Vec<_>, Vec<_>) = text.lines().map(str::parse::<Card>).partition(Result::is_ok);
        Ok((cards.into_iter().flatten().collect(), bad.len()))
    }

    pub(crate) fn save_others<'a>(&self, cards: impl Iterator<Item = &'a Card>) -> Result<(), Error> {
        let text: String = cards.map(|card| format!("{card}\n")).collect();
        self.write(&self.0.join("group"), &text)
    }

    fn here_file(&self) -> PathBuf {
        self.0.join("here")
    }

    /// Where this peer is, or was when it last ran.
    pub(crate) fn here(&self) -> Result<Option<Here>, Error> {
        let Some(text) = read(&self.here_file())? else { return Ok(None) };
        let mut tickets = text.lines().map_while(|line| line.parse().ok());
        Ok(tickets.next().zip(tickets.next()).map(|(peer, door)| Here { peer, door }))
    }

    pub(crate) fn save_here(&self, here: &Here) -> Result<(), Error> {
        self.write(&self.here_file(), &format!("{}\n{}\n", here.peer, here.door))
    }

    /// Whole or not at all.
    fn write(&self, path: &Path, text: &str) -> Result<(), Error> {
        let write = || {
            let tmp = path.with_extension("new");
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&tmp, path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(Error::io("write", path))
    }

    /// Forgets it all: it is another folder's.
    pub(crate) fn forget(&self) -> Result<(), Error> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &self.0)(error)),
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // A file that is no text is as good as none: it is written anew.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
