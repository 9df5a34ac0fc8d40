//! The house keeps its walls: who may import whom, and what may be linked in.
//!
//! Read from `cargo metadata` and from the `use` lines. Reasons: `docs/ARCHITECTURE.md`.

#![expect(clippy::unwrap_used, reason = "a check that cannot be made fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use referral_core::policy::Operation;
use serde_json::Value;

/// What each of our crates may depend on among our crates.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("referral-core", &[]),
    ("referral-proto", &["referral-core"]),
    ("referral-gazetteer", &["referral-core"]),
    ("referral-failpoints", &[]),
    ("referral-journal", &["referral-failpoints"]),
    ("referral-index", &["referral-core"]),
    (
        "referral-runtime",
        &["referral-core", "referral-failpoints"],
    ),
    (
        "agency-node",
        &[
            "referral-core",
            "referral-failpoints",
            "referral-gazetteer",
            "referral-journal",
            "referral-proto",
            "referral-runtime",
        ],
    ),
    (
        "directory-server",
        &[
            "referral-core",
            "referral-failpoints",
            "referral-gazetteer",
            "referral-index",
            "referral-journal",
            "referral-proto",
            "referral-runtime",
        ],
    ),
    (
        "referral-scenarios",
        &[
            "agency-node",
            "directory-server",
            "referral-core",
            "referral-failpoints",
            "referral-gazetteer",
            "referral-index",
            "referral-journal",
            "referral-proto",
            "referral-runtime",
        ],
    ),
];

/// Crates that must not be direct dependencies of a crate of ours.
const REFUSED: [(&str, &[&str]); 4] = [
    (
        "referral-core",
        &[
            "tokio", "tonic", "prost", "tantivy", "sled", "axum", "tracing", "clap", "rustls",
        ],
    ),
    ("referral-index", &["tokio", "tonic", "sled", "axum"]),
    ("referral-journal", &["tokio", "tonic", "sled", "tantivy"]),
    ("referral-gazetteer", &["tokio", "tonic", "sled", "tantivy"]),
];

/// Licences that may be linked in; an expression passes when one of its alternatives does.
const LICENCES: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    "BSL-1.0",
];

/// Crates that must not be in the tree at all, with the reason.
const BANNED: [(&str, &str); 4] = [
    (
        "aws-lc-rs",
        "two crypto providers in one tree panic at the first handshake",
    ),
    ("openssl", "rustls is the one TLS"),
    ("native-tls", "rustls is the one TLS"),
    ("rustls-pemfile", "retired; use pki_types::pem"),
];
/// Crates that speak of time in chrono's types among themselves. jiff is the one calendar: ours never do.
const WITH_CHRONO: [&str; 4] = ["openidconnect", "oauth2", "serde_with", "schemars"];

#[test]
fn crates_import_only_what_their_room_allows() {
    let packages = packages();
    for (name, allowed) in ALLOWED {
        let package = &packages[name];
        let ours: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
        let used = dependencies(package, &["normal", "build"]);
        let wrong: Vec<_> = used
            .iter()
            .filter(|used| ours.contains(used.as_str()) && !allowed.contains(&used.as_str()))
            .collect();
        assert!(wrong.is_empty(), "{name} must not depend on {wrong:?}");
    }
    for (name, refused) in REFUSED {
        let used = dependencies(&packages[name], &["normal", "build"]);
        let wrong: Vec<_> = refused
            .iter()
            .filter(|crate_| used.contains(**crate_))
            .collect();
        assert!(wrong.is_empty(), "{name} must not depend on {wrong:?}");
    }
}

#[test]
fn operations_name_no_adapter_and_adapters_reach_no_store() {
    let source = workspace().join("directory-server/src");
    let rules: [(&str, &[&str]); 5] = [
        (
            "operations",
            &[
                "tonic::",
                "axum::",
                "referral_proto",
                "crate::rpc",
                "crate::web",
            ],
        ),
        ("rpc", &["crate::store", "referral_index", "crate::web"]),
        (
            "web",
            &[
                "crate::store",
                "referral_index",
                "referral_proto",
                "tonic::",
            ],
        ),
        (
            "store",
            &[
                "crate::rpc",
                "crate::web",
                "crate::operations",
                "tonic::",
                "axum::",
            ],
        ),
        (
            "ledger",
            &[
                "crate::rpc",
                "crate::web",
                "crate::operations",
                "tonic::",
                "axum::",
            ],
        ),
    ];
    for (room, refused) in rules {
        for file in rust_files(&source.join(room)).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let uses = text
                .lines()
                .filter(|line| line.trim_start().starts_with("use "));
            for line in uses {
                let wrong = refused.iter().find(|name| line.contains(**name));
                assert!(wrong.is_none(), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn every_linked_crate_has_a_licence_that_allows_it() {
    for (name, package) in packages() {
        let licence = package["license"].as_str().unwrap_or("none stated");
        let alternatives = licence.split(" OR ").flat_map(|part| part.split('/'));
        let allowed = alternatives.into_iter().any(|alternative| {
            let parts = alternative.split(" AND ");
            parts
                .into_iter()
                .all(|part| LICENCES.contains(&part.trim_matches(['(', ')', ' '])))
        });
        assert!(allowed, "{name}: {licence}");
    }
}

#[test]
fn no_banned_crate_is_in_the_tree() {
    let packages = packages();
    for (name, reason) in BANNED {
        assert!(!packages.contains_key(name), "{name}: {reason}");
    }
}

/// The least versions of what speaks with strangers: those before were known to give way to floods of resets
/// and of headers, or to be wrong about certificates.
const LEAST: [(&str, [u64; 3]); 4] = [
    ("h2", [0, 4, 18]),
    ("rustls", [0, 23, 46]),
    ("rustls-webpki", [0, 103, 4]),
    ("tonic", [0, 14, 9]),
];

#[test]
fn what_speaks_with_strangers_is_new_enough() {
    let packages = packages();
    for (name, least) in LEAST {
        let version = packages[name]["version"].as_str().unwrap();
        let parts = version.split('.').map(|part| part.parse::<u64>().unwrap());

        assert!(parts.ge(least), "{name} {version} is older than {least:?}");
    }
}

/// Only the federation and the commands of the machine may name the authority, and only the federation has its
/// certificates made: the pages and the public API never can.
#[test]
fn the_public_side_never_names_the_authority() {
    let src = workspace().join("directory-server/src");
    let mut public = rust_files(&src.join("web")).unwrap();
    public.extend(["search.rs", "signed.rs", "watch.rs"].map(|file| src.join("rpc").join(file)));
    assert!(public.len() > 10);
    for file in public {
        let text = fs::read_to_string(&file).unwrap();
        // The host in an address is called so, too.
        let text = text
            .replace("uri::Authority", "")
            .replace("uri().authority()", "");
        for word in ["Authority", "authority(", "issue_agency", "ca.key"] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

/// An operation that nobody asks the policy about protects nothing, however well its table is tested.
#[test]
fn every_operation_of_the_policy_is_asked_for() {
    let files = rust_files(&workspace().join("directory-server/src")).unwrap();
    let code = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let code: Vec<String> = code.collect();
    for operation in Operation::ALL {
        let asked = match operation {
            // Asked with the agency whose service it was.
            Operation::GiveFeedback => "What::Outcome(".to_owned(),
            _ => format!("Operation::{operation:?}"),
        };
        let file = code.iter().find(|code| code.contains(&asked));
        assert!(file.is_some(), "nothing asks for {operation:?}");
    }
}

/// The directory opens no connection but to the sign-in provider and the mail relay of its configuration: nothing else
/// in it can.
#[test]
fn the_directory_connects_to_nobody() {
    let files = rust_files(&workspace().join("directory-server/src")).unwrap();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        // The commands ask a directory they are told of; the running directory does not run them.
        let asks_the_provider = file.ends_with("people/provider/fetch.rs");
        if asks_the_provider || file.components().any(|part| part.as_os_str() == "commands") {
            continue;
        }
        for word in [
            "TcpStream::connect",
            "UdpSocket",
            "Dialer",
            "Endpoint::",
            "connect_lazy",
            "reqwest",
        ] {
            assert!(!shipped.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn chrono_comes_with_openidconnect_alone() {
    for (name, package) in packages() {
        let mut dependencies = package["dependencies"].as_array().unwrap().iter();
        let is_needed = |d: &&Value| d["optional"] == false && d["kind"].is_null();
        let uses = dependencies.any(|d| d["name"] == "chrono" && is_needed(&d));
        assert!(
            !uses || WITH_CHRONO.contains(&name.as_str()),
            "{name} uses chrono"
        );
    }
}

#[test]
fn no_line_of_shipped_code_reads_a_clock_or_unwraps() {
    for room in [
        "core",
        "proto",
        "gazetteer",
        "journal",
        "index",
        "directory-server",
        "agency-node",
    ] {
        let files = rust_files(&workspace().join(room).join("src")).unwrap();
        // `testing` is for the tests of other crates; see the next test.
        let is_test = |file: &PathBuf| {
            let folder = |part: Component<'_>| {
                ["tests", "testing"]
                    .map(OsStr::new)
                    .contains(&part.as_os_str())
            };
            file.components().any(folder)
        };
        for file in files.into_iter().filter(|file| !is_test(file)) {
            let text = fs::read_to_string(&file).unwrap();
            let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (at, line) in shipped.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for refused in [
                    ".unwrap()",
                    "Timestamp::now()",
                    "SystemTime::now()",
                    "unsafe ",
                ] {
                    assert!(
                        !code.contains(refused),
                        "{}:{}: {line}",
                        file.display(),
                        at + 1
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_made_for_tests_is_in_no_program() {
    let packages = packages();
    for (name, _) in ALLOWED {
        let package = &packages[name];
        assert_eq!(package["features"]["default"], Value::Null, "{name}");
        for dependency in package["dependencies"].as_array().unwrap() {
            let features = dependency["features"].as_array().unwrap();
            let turned_on = features.iter().any(|feature| feature == "testing");
            let for_tests = dependency["kind"].as_str() == Some("dev");
            assert!(!turned_on || for_tests, "{name}: {}", dependency["name"]);
            let points = dependency["name"] == "referral-failpoints";
            let only_when_asked = name == "referral-scenarios" || dependency["optional"] == true;
            assert!(!points || only_when_asked, "{name} always has failpoints");
        }
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// Every package of the tree by its name.
fn packages() -> BTreeMap<String, Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|p| (p["name"].as_str().unwrap().to_owned(), p.clone()))
        .collect()
}

fn dependencies(package: &Value, kinds: &[&str]) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|d| kinds.contains(&d["kind"].as_str().unwrap_or("normal")))
        .map(|d| d["name"].as_str().unwrap().to_owned())
        .collect()
}

fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
