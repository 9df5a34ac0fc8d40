//! Append-only, checksummed, fsynced log of what was accepted or queued.
