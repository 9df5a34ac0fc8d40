//! gRPC over the data directory's local socket: how a program's commands talk to its running process.
//!
//! Only the user who runs the process, and root, get an answer. The path of a unix socket is limited to
//! 107 bytes; longer ones are bound and reached through the directory's file descriptor.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};

use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint, Server};
use tower::service_fn;
use tracing::warn;

use crate::data_dir::{DataDir, socket_in};
use crate::listen::{self, Incoming, accept_until};
use crate::panics;
use crate::shutdown::Tasks;

/// The longest path a unix socket can have, without the closing zero. Unit: bytes.
const LONGEST_PATH: usize = 107;

/// Why the local socket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// No process listens there.
    #[error("no process runs in the data directory {}", data_dir.display())]
    NotRunning {
        /// The data directory.
        data_dir: PathBuf,
    },
    /// The process did not answer as it should.
    #[error("the process that runs in the data directory {} does not answer", data_dir.display())]
    NoAnswer {
        /// The data directory.
        data_dir: PathBuf,
        /// What failed.
        source: tonic::transport::Error,
    },
    /// The socket cannot be created or reached.
    #[error("cannot use the socket {}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LocalError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotRunning { .. } => "not_running",
            Self::NoAnswer { .. } => "no_answer",
            Self::Io { .. } => "local_socket_io",
        }
    }
}

/// Opens the local socket of a data directory this process holds, in place of one that a crash left.
///
/// # Errors
/// [`LocalError::Io`].
pub fn listen(data_dir: &DataDir, tasks: &Tasks) -> Result<Incoming<UnixStream>, LocalError> {
    let path = data_dir.socket();
    let listener = bind(&path).map_err(|source| LocalError::Io {
        path: path.clone(),
        source,
    })?;
    let (sender, incoming) = listen::channel();
    let (stop, owner) = (tasks.token(), data_dir.owner());
    tasks.spawn("local socket", async move {
        accept_until(
            stop,
            async || listener.accept().await,
            async |(stream, _)| {
                if may_speak(&stream, owner) {
                    let _ended = sender.send(Ok(stream)).await;
                } else {
                    warn!("another user tried to use the local socket");
                }
            },
        )
        .await;
        let _gone = fs::remove_file(path);
    });
    Ok(incoming)
}

/// Serves gRPC on the local socket until the tasks are asked to end. A task of its own does it.
///
/// * `routes` — the services; an axum router becomes one by `Routes::from`.
///
/// # Errors
/// [`LocalError::Io`].
pub fn serve(data_dir: &DataDir, routes: Routes, tasks: &Tasks) -> Result<(), LocalError> {
    let incoming = listen(data_dir, tasks)?;
    let stop = tasks.token().cancelled_owned();
    tasks.spawn_vital("local server", async move {
        Server::builder()
            .add_routes(panics::caught(routes))
            .serve_with_incoming_shutdown(incoming, stop)
            .await
    });
    Ok(())
}

/// A channel to the process that holds `data_dir`.
///
/// # Errors
/// [`LocalError::NotRunning`] when nobody listens: then open the directory itself.
pub async fn connect(data_dir: &Path) -> Result<Channel, LocalError> {
    let path = socket_in(data_dir);
    match dial(&path).await {
        Ok(_probe) => {}
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            return Err(LocalError::NotRunning {
                data_dir: data_dir.to_owned(),
            });
        }
        Err(source) => return Err(LocalError::Io { path, source }),
    }
    Endpoint::from_static("http://local")
        .connect_with_connector(service_fn(move |_| {
            let path = path.clone();
            async move { dial(&path).await.map(TokioIo::new) }
        }))
        .await
        .map_err(|source| LocalError::NoAnswer {
            data_dir: data_dir.to_owned(),
            source,
        })
}

/// Binds the socket so that nobody else can connect at any moment: it is made under another name, closed
/// to others, and only then given its own.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let listener = bind_at(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// The same for threads that wait, with these access rights.
pub(crate) fn bind_at(path: &Path, rights: Permissions) -> io::Result<net::UnixListener> {
    let unfinished = path.with_extension("new");
    remove_if_there(&unfinished)?;
    let reach = Reach::of(&unfinished)?;
    let listener = net::UnixListener::bind(reach.path())?;
    fs::set_permissions(&unfinished, rights)?;
    fs::rename(&unfinished, path)?;
    Ok(listener)
}

/// A connection for a thread that waits.
pub(crate) fn connect_to(path: &Path) -> io::Result<net::UnixStream> {
    let reach = Reach::of(path)?;
    net::UnixStream::connect(reach.path())
}

async fn dial(path: &Path) -> io::Result<UnixStream> {
    let reach = Reach::of(path)?;
    UnixStream::connect(reach.path()).await
}

fn may_speak(stream: &UnixStream, owner: u32) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A path to a socket short enough for the system, and what it takes to keep it valid.
struct Reach {
    path: PathBuf,
    _directory: Option<File>,
}

impl Reach {
    fn of(socket: &Path) -> io::Result<Self> {
        if socket.as_os_str().as_bytes().len() <= LONGEST_PATH {
            return Ok(Self {
                path: socket.to_owned(),
                _directory: None,
            });
        }
        let too_long = || {
            io::Error::other(
                "the path is too long for a socket; use a data directory with a shorter path",
            )
        };
        let (parent, name) = socket
            .parent()
            .zip(socket.file_name())
            .ok_or_else(too_long)?;
        let directory = File::open(parent)?;
        let by_descriptor = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string());
        if !by_descriptor.exists() {
            return Err(too_long());
        }
        Ok(Self {
            path: by_descriptor.join(name),
            _directory: Some(directory),
        })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
