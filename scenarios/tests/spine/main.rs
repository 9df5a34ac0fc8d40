//! The whole path on real processes: an agency's own file, its node, the directory, a search.

mod capacity;
mod kills;
mod network;
mod real_data;
mod rebuild;
