//! The agency's own page, driven through its router: no port, no browser, no directory unless a test says so.

mod ageing;
mod changing;
mod importing;
mod limits;
mod messages;
mod signing_in;
mod visit;
