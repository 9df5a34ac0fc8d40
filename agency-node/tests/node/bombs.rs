//! Files that are small and large when they are read: the real program refuses them, and its memory does not grow.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::commands::{DONE, REFUSED};
use crate::fake::Fake;

/// By how much the program may grow over what an ordinary file takes. Unit: KiB.
const GROWTH: u64 = 64 << 10;
/// What each file weighs.
const SIZE: usize = 10 << 20;
/// A part of a raw deflate stream that unpacks to 1 MiB of zeros, and may be repeated.
const ZEROS: &[u8] = include_bytes!("zeros.deflate");

/// The most memory a process has ever had; `None` once it has ended. Unit: KiB.
fn most(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Imports a file; how the program ended, and the most memory it had.
fn imported(path: &Path, data: &Path) -> (Option<i32>, u64) {
    let mut program = Command::new(assert_cmd::cargo::cargo_bin("agency-node"))
        .args(["import", "hsds"])
        .arg(path)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut had = 0;
    loop {
        // Looked at without a pause: what it had is gone with the process.
        had = most(program.id()).map_or(had, |now| now.max(had));
        if let Some(ended) = program.try_wait().unwrap() {
            return (ended.code(), had);
        }
        thread::yield_now();
    }
}

/// A zip archive of one table that unpacks to 10 GiB of zeros.
///
/// * `said` — how long it says the table is.
fn packed(said: u32) -> Vec<u8> {
    let table = [ZEROS.repeat(SIZE / ZEROS.len()), vec![3, 0]].concat();
    let name = b"services.csv";
    let length = u32::try_from(table.len()).unwrap();
    // Version, flags, deflate, time, date, checksum, length packed and unpacked, length of the name, of more.
    let mut entry = [20_u16, 0, 8, 0, 0x21].map(u16::to_le_bytes).concat();
    entry.extend([0, length, said].map(u32::to_le_bytes).concat());
    entry.extend([12_u16, 0].map(u16::to_le_bytes).concat());
    let mut zip = [b"PK\x03\x04", entry.as_slice(), name, &table].concat();
    let directory = u32::try_from(zip.len()).unwrap();
    zip.extend([b"PK\x01\x02\x14\0", entry.as_slice(), &[0; 14], name].concat());
    let long = u32::try_from(zip.len()).unwrap() - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend([long, directory].map(u32::to_le_bytes).concat());
    zip.extend([0, 0]);
    zip
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bomb_makes_an_import_grow() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let ordinary = write(
        "ordinary.json",
        br#"[{"id": "1", "name": "Intake", "status": "active"}]"#,
    );
    let (ended, usual) = imported(&ordinary, data.path());
    assert!(matches!(ended, Some(DONE | REFUSED)), "{ended:?}");
    let mut grown = Vec::new();

    for (name, bytes) in [
        ("honest.zip", packed(u32::MAX - 1)),
        ("lying.zip", packed(1_000_000)),
        ("deep.json", b"[".repeat(SIZE)),
        ("deep-objects.json", b"{\"a\":".repeat(SIZE / 5)),
        (
            "long.json",
            [b"[{\"id\":\"", b"x".repeat(SIZE).as_slice()].concat(),
        ),
        (
            "many.json",
            [b"[0", b",0".repeat(SIZE / 2).as_slice(), b"]"].concat(),
        ),
        (
            "services.csv",
            [b"id,name\n".as_slice(), &b"1,2,3\n".repeat(SIZE / 6)].concat(),
        ),
        ("lines.ndjson", b"[]\n".repeat(SIZE / 3)),
        ("columns.csv", b"a,".repeat(SIZE / 2)),
        (
            "field.csv",
            [b"id,name\n1,\"", b"x".repeat(SIZE).as_slice()].concat(),
        ),
        (
            "quotes.csv",
            [b"id,name\n1,", b"\"\"".repeat(SIZE / 2).as_slice()].concat(),
        ),
    ] {
        let (ended, had) = imported(&write(name, &bytes), data.path());
        assert_eq!(ended, Some(REFUSED), "{name}");
        grown.push((name, had.saturating_sub(usual)));
    }

    println!("of {usual} KiB the import grew by {grown:?} KiB");
    for (name, grown) in grown {
        assert!(grown < GROWTH, "{name}: {grown} KiB");
    }
}
