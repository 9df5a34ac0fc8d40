//! Zip archives: read without unpacking, and refused where they could do harm.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Folder, source_ids};

const TABLE: &str = "id,name,status\n1,Intake,active\n";

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a member");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

fn refusal(bytes: &[u8]) -> String {
    let folder = Folder::new().with("feed.zip", bytes);
    let wrong = folder.hsds("feed.zip").expect_err("refused");
    format!("{}: {wrong}", wrong.code())
}

#[test]
fn tables_in_an_archive_are_read_and_nothing_is_unpacked() {
    let bytes = archive(&[
        ("export/services.csv", TABLE.as_bytes()),
        ("export/LICENSE", b"free"),
        ("__MACOSX/export/._services.csv", b"\0\0"),
    ]);
    let folder = Folder::new().with("feed.zip", bytes);

    let imported = folder.hsds("feed.zip").expect("read");

    assert_eq!(source_ids(&imported), ["1"]);
    assert_eq!(imported.source, "feed.zip");
    assert_eq!(imported.skipped, ["export/LICENSE"]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("listed").collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn an_archive_that_could_do_harm_is_refused() {
    let table = TABLE.as_bytes();
    let nested = archive(&[("services.csv", table)]);
    let many: Vec<String> = (0..51).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), table)).collect();
    for (why, bytes) in [
        ("leads out", archive(&[("../services.csv", table)])),
        ("absolute", archive(&[("/services.csv", table)])),
        (
            "leads in and out",
            archive(&[("a/..././../services.csv", table)]),
        ),
        ("only dots", archive(&[(".../services.csv", table)])),
        ("folder of dots", archive(&[("a/.../services.csv", table)])),
        ("drive", archive(&[("C:services.csv", table)])),
        ("control character", archive(&[("a\nb.csv", table)])),
        ("backslash", archive(&[("a\\services.csv", table)])),
        ("device", archive(&[("CON.csv", table)])),
        ("long name", archive(&[(&"x".repeat(300), table)])),
        (
            "same name but for case",
            archive(&[("locations.csv", table), ("Locations.csv", table)]),
        ),
        (
            "nested",
            archive(&[("services.csv", table), ("more.zip", &nested)]),
        ),
        ("nested in disguise", archive(&[("services.csv", &nested)])),
        ("too many", archive(&many)),
        ("bomb", archive(&[("services.csv", &vec![b'0'; 2_000_000])])),
        ("link", linked()),
        ("encrypted", encrypted()),
        ("overlapping", overlapping()),
    ] {
        let refusal = refusal(&bytes);
        assert!(refusal.starts_with("zip_unsafe"), "{why}: {refusal}");
    }
}

#[test]
fn a_cut_archive_is_refused_whole() {
    let bytes = archive(&[
        ("services.csv", TABLE.as_bytes()),
        ("phones.csv", b"id,number\n"),
    ]);
    for keep in 4..bytes.len() {
        assert!(refusal(&bytes[..keep]).starts_with("zip_broken"), "{keep}");
    }
}

#[test]
fn a_flipped_byte_is_found() {
    let mut bytes = archive(&[("services.csv", TABLE.as_bytes())]);
    bytes[46] ^= 0xFF;

    let refusal = refusal(&bytes);

    assert!(refusal.starts_with("zip_broken"), "{refusal}");
    assert!(refusal.contains("feed.zip/services.csv"), "{refusal}");
}

#[test]
fn a_wrong_table_is_named_with_its_archive_and_line() {
    let bytes = archive(&[
        ("a/services.csv", TABLE.as_bytes()),
        ("a/phones.csv", b"id,id\n"),
    ]);

    let refusal = refusal(&bytes);

    assert!(refusal.starts_with("column_twice"), "{refusal}");
    assert!(refusal.contains("a/phones.csv, line 1"), "{refusal}");
}

#[test]
fn an_archive_of_something_else_says_what_it_is() {
    for (code, bytes) in [
        (
            "file_is_web_page",
            archive(&[("services.csv", b"<html><p>Log in")]),
        ),
        (
            "no_hsds_file",
            archive(&[("notes.csv", TABLE.as_bytes()), ("more.csv", b"a")]),
        ),
        ("no_hsds_file", archive(&[])),
    ] {
        let refusal = refusal(&bytes);
        assert!(refusal.starts_with(code), "{code}: {refusal}");
    }
}

#[test]
fn a_member_that_lies_about_its_size_is_refused() {
    assert!(refusal(&misstated()).starts_with("zip_"));
}

#[test]
fn sizes_and_places_of_64_bits_that_lie_are_refused() {
    let truth = large(|_| {});
    let folder = Folder::new().with("feed.zip", truth);
    let imported = folder.hsds("feed.zip").expect("read");
    assert_eq!(source_ids(&imported), ["1"]);

    let lies: [(&str, Lie); 7] = [
        ("unpacks to 1 TiB", |large| large.unpacked = 1 << 40),
        ("unpacks to most there is", |large| {
            large.unpacked = u64::MAX;
        }),
        ("unpacks to less", |large| large.unpacked = 5),
        ("packed is 1 TiB", |large| large.packed = 1 << 40),
        ("packed is most there is", |large| large.packed = u64::MAX),
        ("begins after the end", |large| large.offset = 1 << 40),
        ("begins at most there is", |large| large.offset = u64::MAX),
    ];
    for (why, lie) in lies {
        let refusal = refusal(&large(lie));
        assert!(refusal.starts_with("zip_"), "{why}: {refusal}");
    }
}

#[test]
fn headers_that_contradict_each_other_are_refused() {
    let members = [("services.csv", TABLE.as_bytes())];
    // The name in the first header is another than in the directory at the end.
    let mut renamed = archive(&members);
    renamed[30..38].copy_from_slice(b"programs");
    let mut resized = archive(&members);
    let central = central_headers(&resized)[0];
    resized[central + 24..central + 28].copy_from_slice(&500_u32.to_le_bytes());

    for bytes in [renamed, resized] {
        let refusal = refusal(&bytes);
        assert!(refusal.starts_with("zip_unsafe"), "{refusal}");
        assert!(refusal.contains("feed.zip/services.csv"), "{refusal}");
        assert!(refusal.contains("overlap or misstate"), "{refusal}");
    }
}

#[test]
fn a_workbook_is_told_what_to_do() {
    let bytes = archive(&[
        ("[Content_Types].xml", b"<x/>"),
        ("xl/workbook.xml", b"<x/>"),
    ]);

    assert!(refusal(&bytes).starts_with("file_is_workbook"));
    let renamed = Folder::new().with("services.csv", &bytes);
    assert_eq!(
        renamed.hsds("services.csv").expect_err("refused").code(),
        "file_is_workbook"
    );
}

#[test]
fn more_than_64_mib_unpacked_is_refused() {
    // Noise does not pack: the sizes are what count here, not the ratio.
    let noise: Vec<u8> = (0_u64..33 * 1024 * 1024)
        .map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8)
        .collect();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in ["a.bin", "b.bin"] {
        writer.start_file(name, stored).expect("a member");
        writer.write_all(&noise).expect("written");
    }
    let bytes = writer.finish().expect("finished").into_inner();

    assert!(refusal(&bytes).contains("64 MiB"));
}

fn linked() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("services.csv", "/etc/passwd", SimpleFileOptions::default())
        .expect("a link");
    writer.finish().expect("finished").into_inner()
}

/// The flag for encryption set in both headers of the only member.
fn encrypted() -> Vec<u8> {
    let mut bytes = archive(&[("services.csv", TABLE.as_bytes())]);
    bytes[6] |= 1;
    let central = central_headers(&bytes)[0];
    bytes[central + 8] |= 1;
    bytes
}

/// What the field for archives beyond 4 GiB says (APPNOTE 4.5.3).
struct Large {
    unpacked: u64,
    packed: u64,
    offset: u64,
}

/// What is changed of it.
type Lie = fn(&mut Large);

/// An archive whose only member has its numbers in that field, after `lie` had its way with them.
fn large(lie: impl FnOnce(&mut Large)) -> Vec<u8> {
    let mut bytes = archive(&[("services.csv", TABLE.as_bytes())]);
    let central = central_headers(&bytes)[0];
    let stated = |bytes: &[u8], at: usize| {
        let four = bytes[central + at..central + at + 4].try_into();
        u64::from(u32::from_le_bytes(four.expect("four bytes")))
    };
    let mut says = Large {
        packed: stated(&bytes, 20),
        unpacked: stated(&bytes, 24),
        offset: stated(&bytes, 42),
    };
    lie(&mut says);
    for at in [20, 24, 42] {
        bytes[central + at..central + at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    let mut field = [1_u16.to_le_bytes(), 24_u16.to_le_bytes()].concat();
    for number in [says.unpacked, says.packed, says.offset] {
        field.extend(number.to_le_bytes());
    }
    let length = u16::try_from(field.len()).expect("28 bytes");
    bytes[central + 30..central + 32].copy_from_slice(&length.to_le_bytes());
    let after_name = central + 46 + "services.csv".len();
    bytes.splice(after_name..after_name, field.iter().copied());
    // The end of the central directory says how long that is.
    let size = bytes.len() - 22 + 12;
    let before = u32::from_le_bytes(bytes[size..size + 4].try_into().expect("four bytes"));
    bytes[size..size + 4].copy_from_slice(&(before + u32::from(length)).to_le_bytes());
    bytes
}

/// Two members of which the second claims the first one's bytes.
fn overlapping() -> Vec<u8> {
    let mut bytes = archive(&[
        ("services.csv", TABLE.as_bytes()),
        ("programs.csv", b"id,name\n"),
    ]);
    let second = central_headers(&bytes)[1];
    bytes[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    bytes
}

/// A member that says it unpacks to less than it does.
fn misstated() -> Vec<u8> {
    let mut bytes = archive(&[("services.csv", TABLE.as_bytes())]);
    let central = central_headers(&bytes)[0];
    bytes[central + 24..central + 28].copy_from_slice(&5_u32.to_le_bytes());
    bytes[22..26].copy_from_slice(&5_u32.to_le_bytes());
    bytes
}

/// Where the central directory's headers begin (APPNOTE 4.3.12).
fn central_headers(bytes: &[u8]) -> Vec<usize> {
    bytes
        .windows(4)
        .enumerate()
        .filter(|(_, window)| *window == b"PK\x01\x02")
        .map(|(at, _)| at)
        .collect()
}
