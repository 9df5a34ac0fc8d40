//! The national directory: gRPC in; web pages and gRPC out.
