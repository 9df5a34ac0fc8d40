//! A bound on the frames of HTTP/2 that ask for an answer and carry nothing.
//!
//! Every PING and SETTINGS frame has to be answered (RFC 9113, 6.5.3 and 6.7), and the library answers as many as come:
//! one connection that sends nothing else takes a whole processor (CVE-2019-9512, CVE-2019-9515). This reads the
//! headers of the frames as they pass, and says when they were too many.

use tokio::time::Instant;

/// What every connection over HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame's header (RFC 9113, 4.1).
const HEADER: usize = 9;
const SETTINGS: u8 = 0x4;
const PING: u8 = 0x6;
/// The flag of a frame that is an answer itself.
const ACK: u8 = 0x1;

/// Most such frames that may come at once.
const AT_ONCE: u32 = 2_000;
/// How many more may come each second: clients that measure the connection send a PING each time data went back and
/// forth.
const A_SECOND: u32 = 1_000;

/// The frames of one connection that asked for an answer.
#[derive(Debug)]
pub(crate) struct ControlFrames {
    reading: Reading,
    /// How many may still come.
    left: f64,
    since: Instant,
}

/// Where in the stream of frames it is.
#[derive(Debug)]
enum Reading {
    /// So much of the preface has come.
    Preface(usize),
    /// So much of a frame's header has come.
    Header([u8; HEADER], usize),
    /// So many bytes of the frame are still to come.
    Payload(usize),
    /// It is no HTTP/2.
    Other,
}

impl ControlFrames {
    /// A connection of which nothing has come.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            reading: Reading::Preface(0),
            left: f64::from(AT_ONCE),
            since: now,
        }
    }

    /// Takes what has come next. False: too many frames asked for an answer.
    #[must_use]
    pub(crate) fn take(&mut self, mut bytes: &[u8], now: Instant) -> bool {
        let mut asking = 0;
        while let Some((first, rest)) = bytes.split_first() {
            match &mut self.reading {
                Reading::Other => break,
                Reading::Preface(came) => {
                    self.reading = match *came + 1 {
                        _ if PREFACE[*came] != *first => Reading::Other,
                        came if came == PREFACE.len() => Reading::Header([0; HEADER], 0),
                        came => Reading::Preface(came),
                    };
                    bytes = rest;
                }
                Reading::Header(header, came) => {
                    header[*came] = *first;
                    *came += 1;
                    bytes = rest;
                    if *came == HEADER {
                        asking += u32::from(asks(header));
                        self.reading = Reading::payload(header);
                    }
                }
                Reading::Payload(left) => {
                    let passed = (*left).min(bytes.len());
                    bytes = &bytes[passed..];
                    self.reading = if passed == *left {
                        Reading::Header([0; HEADER], 0)
                    } else {
                        Reading::Payload(*left - passed)
                    };
                }
            }
        }
        self.spend(asking, now)
    }

    fn spend(&mut self, asking: u32, now: Instant) -> bool {
        if asking == 0 {
            return true;
        }
        let passed = now.duration_since(self.since).as_secs_f64();
        self.since = now;
        let left = self.left + passed * f64::from(A_SECOND);
        self.left = left.min(f64::from(AT_ONCE)) - f64::from(asking);
        self.left >= 0.0
    }
}

impl Reading {
    fn payload(header: &[u8; HEADER]) -> Self {
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
        match usize::try_from(length) {
            Ok(0) => Self::Header([0; HEADER], 0),
            Ok(length) => Self::Payload(length),
            Err(_) => Self::Other,
        }
    }
}

fn asks(header: &[u8; HEADER]) -> bool {
    let (kind, flags) = (header[3], header[4]);
    matches!(kind, SETTINGS | PING) && flags & ACK == 0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const DATA: u8 = 0x0;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags, 0, 0, 0, 1]);
        // Were it read as frames, it would be pings.
        frame.extend(std::iter::repeat_n(PING, payload));
        frame
    }

    fn connection(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
        let frames = frames.into_iter().flatten();
        PREFACE.iter().copied().chain(frames).collect()
    }

    fn is_fine(bytes: &[u8]) -> bool {
        let now = Instant::now();
        ControlFrames::new(now).take(bytes, now)
    }

    #[test]
    fn as_many_pings_and_settings_as_may_come_at_once_pass_and_one_more_does_not() {
        for kind in [PING, SETTINGS] {
            let flood = |count| connection(std::iter::repeat_n(frame(kind, 0, 8), count));
            let most = usize::try_from(AT_ONCE).unwrap();

            assert!(is_fine(&flood(most)));
            assert!(!is_fine(&flood(most + 1)));
        }
    }

    #[test]
    fn answers_data_and_other_protocols_are_not_counted() {
        let many = 3 * usize::try_from(AT_ONCE).unwrap();
        let of = |one: Vec<u8>| std::iter::repeat_n(one, many);

        assert!(is_fine(&connection(of(frame(PING, ACK, 8)))));
        assert!(is_fine(&connection(of(frame(DATA, 0, 100)))));
        let posted = b"POST / HTTP/1.1\r\n\r\n".to_vec();
        let pings = of(frame(PING, 0, 8)).flatten();
        assert!(is_fine(
            &posted.into_iter().chain(pings).collect::<Vec<_>>()
        ));
    }

    #[test]
    fn whoever_asks_as_often_as_is_allowed_may_do_so_for_ever() {
        let mut now = Instant::now();
        let mut frames = ControlFrames::new(now);
        assert!(frames.take(PREFACE, now));
        for _ in 0..10 * A_SECOND {
            now += Duration::from_secs(1) / A_SECOND;
            assert!(frames.take(&frame(PING, 0, 8), now));
        }
        let mut pinged = 0;
        while frames.take(&frame(PING, 0, 8), now) {
            pinged += 1;
        }
        assert!(pinged <= AT_ONCE, "{pinged} more at once");
    }

    proptest! {
        /// However the bytes come, as many frames are counted.
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            frames in proptest::collection::vec((0_u8..10, any::<u8>(), 0_usize..40), 0..60),
            sizes in proptest::collection::vec(1_usize..50, 1..40),
        ) {
            let asking = frames.iter().filter(|(kind, flags, _)| {
                matches!(*kind, PING | SETTINGS) && flags & ACK == 0
            });
            let asking = asking.count();
            let bytes = connection(frames.iter().map(|(kind, flags, size)| frame(*kind, *flags, *size)));
            let now = Instant::now();
            let mut counted = ControlFrames::new(now);
            let (mut rest, mut sizes) = (bytes.as_slice(), sizes.into_iter().cycle());
            while !rest.is_empty() {
                let cut = sizes.next().unwrap_or(1).min(rest.len());
                prop_assert!(counted.take(&rest[..cut], now));
                rest = &rest[cut..];
            }
            let left = f64::from(AT_ONCE) - f64::from(u32::try_from(asking).unwrap());
            prop_assert!((counted.left - left).abs() < 0.5);
        }
    }
}
