//! Which program this is: what one build keeps for its own next start, no other build may read.

use std::fs;
use std::sync::OnceLock;

use referral_core::id::Hash;

/// The SHA-256 of the program that runs; `None` where the system does not show it. It stays that of what was started
/// when another one is put into its place.
pub(crate) fn fingerprint() -> Option<Hash> {
    static FINGERPRINT: OnceLock<Option<Hash>> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| {
        let program = fs::read("/proc/self/exe").ok()?;
        Some(Hash::of(&[&program]))
    })
}
