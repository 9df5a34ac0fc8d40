//! Looks for bytes that `referral_scenarios::anything::zip` does not survive.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| referral_scenarios::anything::zip(data));
