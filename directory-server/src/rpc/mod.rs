//! gRPC in and out: thin adapters between the wire and [`crate::operations`].

mod admin;
mod coverage;
mod enrolment;
pub mod federation;
mod search;
mod signed;
mod status;
mod watch;

pub use admin::AdminRpc;
pub use coverage::CoverageRpc;
pub use enrolment::EnrolmentRpc;
pub use federation::FederationRpc;
pub use search::SearchRpc;
pub(crate) use search::summary;
pub use signed::CatalogRpc;
pub use watch::{Pace, WatchRpc};
