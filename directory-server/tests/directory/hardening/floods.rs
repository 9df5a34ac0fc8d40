//! Floods that keep to the letter of HTTP/2 (RFC 9113), and bombs that do not: what each sends, frame by frame.
//!
//! Shared with the load tool (`scenarios/src/load/attacks.rs`). Each function gives what is sent as the so-manieth of a
//! connection, after [`hello`].

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// What a connection begins with: its preface and its settings.
pub(crate) fn hello() -> Vec<u8> {
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(SETTINGS, 0, 0, &[]));
    hello
}

/// A stream that stays open.
pub(crate) fn open(number: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream(number), &request())
}

/// A stream that is reset as soon as it is opened.
pub(crate) fn reset(number: u32) -> Vec<u8> {
    let mut both = open(number);
    both.extend(frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8]));
    both
}

/// A stream that the directory has to reset: a window that is updated by nothing is an error of the stream (6.9).
pub(crate) fn made_reset(number: u32) -> Vec<u8> {
    let mut both = open(number);
    both.extend(frame(WINDOW_UPDATE, 0, stream(number), &[0; 4]));
    both
}

/// Headers that never end.
pub(crate) fn endless_headers(number: u32) -> Vec<u8> {
    match number {
        0 => frame(HEADERS, 0, 1, &request()),
        _ => frame(CONTINUATION, 0, 1, &[b'x'; 4_000]),
    }
}

/// A ping.
pub(crate) fn ping(_number: u32) -> Vec<u8> {
    frame(PING, 0, 0, &[0; 8])
}

/// The same settings again.
pub(crate) fn settings(_number: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

/// Empty data of no stream.
pub(crate) fn empty_data(_number: u32) -> Vec<u8> {
    frame(DATA, 0, 1, &[])
}

/// Headers that unpack to 40 MB: a large one put into the dynamic table, then named again and again.
pub(crate) fn packed_headers(number: u32) -> Vec<u8> {
    let mut block = request();
    block.extend([0x40, 1, b'a', 0x7f, 0xa1, 0x1e]);
    block.extend([b'v'; 4_000]);
    block.extend(std::iter::repeat_n(0xbe, 10_000));
    frame(HEADERS, END_HEADERS, stream(number), &block)
}

/// Calls whose answers may not be sent: the window of every stream stays shut (`SETTINGS_INITIAL_WINDOW_SIZE` is 0).
pub(crate) fn shut_window(number: u32) -> Vec<u8> {
    match number {
        0 => frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]),
        _ => frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            stream(number),
            &request(),
        ),
    }
}

fn stream(number: u32) -> u32 {
    2 * number + 1
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    // Nothing here is longer than 24 bits can say.
    let [_, length @ ..] = u32::try_from(payload.len())
        .unwrap_or_default()
        .to_be_bytes();
    let mut frame = length.to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `POST http://localhost/referral.v1.SearchService/Search`, as HPACK (RFC 7541) from the static table.
fn request() -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in [
        (&[0x01][..], "localhost"),
        (&[0x04], "/referral.v1.SearchService/Search"),
        // content-type, index 31, literal without indexing.
        (&[0x0f, 0x10], "application/grpc"),
    ] {
        block.extend(name);
        block.extend(u8::try_from(value.len()));
        block.extend(value.as_bytes());
    }
    block
}
