//! How an agency's catalog reaches the directory and never gets lost: the rules, without the wire.
//!
//! An agency's catalog is a signed, hash-chained log. [`Chain`] is the tip of one; [`Chain::judge`] decides
//! whether an operation may follow it. [`ListingKey`] and [`verify`] sign and check the exact bytes.
//! Rule numbers (R1...) are those of `docs/ARCHITECTURE.md`, "Federation".

mod ancestry;
mod chain;
mod operation;
mod signature;

pub use ancestry::Ancestry;
pub use chain::{Chain, Epoch, Position, Verdict, operation_hash};
pub use operation::{Change, Header};
pub use signature::{InvalidSignature, ListingKey, PublicKey, Purpose, Signature, verify};
