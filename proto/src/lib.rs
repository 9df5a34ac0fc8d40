//! The wire: what travels between nodes, directory and searchers, and its one conversion to and from
//! the domain.
//!
//! [`v1`] holds the generated messages and services; their words are in `referral/v1/*.proto`.
//! [`convert`] turns wire into domain and back: nothing but this crate's callers' edges sees a wire type.
//! [`json`] writes any message in the protobuf JSON form. [`replica`] reads the change feed and believes nothing.

pub mod convert;
pub mod json;
pub mod replica;

/// Generated from `referral/v1/*.proto`.
pub mod v1 {
    #![expect(
        clippy::pedantic,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        reason = "generated from proto/"
    )]
    tonic::include_proto!("referral.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of every message and service, for reflection and
/// for the JSON form of messages.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
