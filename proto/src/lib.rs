//! The wire: protobuf files, generated types, and the one conversion between wire and domain.
