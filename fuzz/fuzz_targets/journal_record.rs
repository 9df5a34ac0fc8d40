//! Looks for bytes that `referral_scenarios::anything::journal_record` does not survive.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| referral_scenarios::anything::journal_record(data));
