//! Where commands about people are done: by the running directory, or here when none runs.

use std::path::Path;
use std::sync::Arc;

use referral_proto::v1::people_admin_service_client::PeopleAdminServiceClient;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::data_dir::DataDir;
use referral_runtime::local::{self, LocalError};
use tonic::Status;
use tonic::transport::Channel;

use crate::config::Config;
use crate::life::Start;
use crate::operations::Directory;
use crate::rpc::PeopleAdminRpc;
use crate::serve::open;

/// Where a command is done.
pub(super) enum Desk {
    /// By the directory that runs.
    Running(PeopleAdminServiceClient<Channel>),
    /// Here: none runs.
    Here(PeopleAdminRpc, Arc<Directory>, DataDir),
}

/// Asks a desk; both sides answer alike.
macro_rules! ask {
    ($desk:expr, $method:ident, $request:expr) => {
        match &mut $desk {
            Desk::Running(client) => client.$method($request).await,
            Desk::Here(service, ..) => service.$method(tonic::Request::new($request)).await,
        }
        .map_err(|status| $crate::commands::desk::said(&status))
        .map(tonic::Response::into_inner)
    };
}
pub(super) use ask;

impl Desk {
    pub(super) async fn of(data: &Path) -> anyhow::Result<Self> {
        match local::connect(data).await {
            Ok(channel) => return Ok(Self::Running(PeopleAdminServiceClient::new(channel))),
            Err(LocalError::NotRunning { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let (held, directory) = open(data, &Config::default(), Start::Usual, &clock)?;
        let service = PeopleAdminRpc::new(Arc::clone(&directory), None);
        Ok(Self::Here(service, directory, held))
    }

    /// Ends what was opened for the command.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        if let Self::Here(_, directory, _held) = self {
            tokio::task::spawn_blocking(move || directory.close()).await?;
        }
        Ok(())
    }
}

/// What the directory said, as people read it.
pub(super) fn said(status: &Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message().to_owned())
}
