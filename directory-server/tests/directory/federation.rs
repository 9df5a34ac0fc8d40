//! Publishing over the federation listener: what is accepted, what is refused for good, what ends a stream.

mod attacking;
mod batches;
mod braking;
mod capacity;
mod identity;
mod log;
mod reconciling;
mod records;
mod silence;
