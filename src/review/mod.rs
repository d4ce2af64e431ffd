//! `platewise review`: the pages of a study on this machine, for one laboratory's browser. Requests become calls of
//! [`pipeline::Desk`](crate::pipeline::Desk), what it answers becomes pages of [`report::page::review`](crate::report::page::review);
//! nothing is computed here, and nothing of the arms is opened, hashed or named.
//!
//! Who may ask: the server listens on 127.0.0.1 only. The address that it prints holds a key, which opens the study for one browser and
//! is then of no use; the browser keeps a cookie instead. Requests for another host name, from another site's page, without the cookie, too
//! large or too slow are refused, whatever they ask for. See [`gate`] for each.

pub mod gate;
mod requests;
mod server;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::files::LinkPolicy;
use crate::pipeline::Desk;
use crate::sheet::Problems;
use gate::Gate;
use requests::OpenStudy;

/// A study that is served.
///
/// ```
/// use platewise::{files::LinkPolicy, review::Server};
///
/// let server = Server::open(std::path::Path::new("plates"), LinkPolicy::Refused, 0)?;
/// assert!(server.address().starts_with("http://127.0.0.1:") && server.address().contains("/#"));
/// # Ok::<(), platewise::review::ReviewError>(())
/// ```
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    gate: Arc<Gate>,
    study: Arc<Mutex<OpenStudy>>,
}

/// Why a study cannot be served.
///
/// ```
/// let busy = platewise::review::ReviewError::from(std::io::Error::other("in use"));
/// assert_eq!(busy.to_string(), "the pages cannot be served: in use");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// It cannot be read.
    #[error(transparent)]
    Study(#[from] Problems),
    /// No address, or no randomness for a key.
    #[error("the pages cannot be served: {0}")]
    Server(#[from] io::Error),
}

impl Server {
    /// Reads a study and takes a port of this machine: a free one where it is 0.
    ///
    /// # Errors
    /// When the study cannot be read or the port cannot be had.
    pub fn open(study: &Path, links: LinkPolicy, port: u16) -> Result<Self, ReviewError> {
        let study = OpenStudy::new(Desk::open(study, links)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let gate = Gate::new(listener.local_addr()?.port())?;
        Ok(Self { listener, gate: Arc::new(gate), study: Arc::new(Mutex::new(study)) })
    }

    /// What a browser opens the study with, once.
    pub fn address(&self) -> String {
        self.gate.address()
    }

    /// Answers until the program is told to end. A decision that is being written is written whole. `announce` is told the next address
    /// whenever one was used.
    ///
    /// # Errors
    /// When the server cannot be started.
    pub fn serve(self, announce: impl Fn(&str) + Send + Sync + 'static) -> Result<(), ReviewError> {
        let Self { listener, gate, study } = self;
        Ok(server::serve(listener, gate, study, Arc::new(announce))?)
    }
}
