//! gRPC in and out: thin adapters between the wire and [`crate::operations`].

mod admin;
mod coverage;
mod enrolment;
pub mod federation;
mod feedback;
mod people;
mod search;
mod signed;
mod status;
pub(crate) mod viewer;
mod watch;

pub use admin::AdminRpc;
pub use coverage::CoverageRpc;
pub use enrolment::EnrolmentRpc;
pub use federation::FederationRpc;
pub use feedback::FeedbackRpc;
pub use people::PeopleAdminRpc;
pub use search::SearchRpc;
pub(crate) use search::summary;
pub use signed::CatalogRpc;
pub use watch::{Pace, WatchRpc};
