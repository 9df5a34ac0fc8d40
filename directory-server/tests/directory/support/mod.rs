//! A directory that runs, agencies that publish to it, and records as small as a test needs them.

pub(crate) mod agency;
pub(crate) mod house;
pub(crate) mod html;
pub(crate) mod http;
pub(crate) mod records;
pub(crate) mod routes;
pub(crate) mod stream;
pub(crate) mod town;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use agency::{Agency, Applicant};
pub(crate) use house::House;
pub(crate) use stream::Stream;

/// How long anything may take here before the test fails: generous, since machines are shared.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that must happen soon, looking again and again.
pub(crate) async fn until(what: &str, happened: impl AsyncFnMut() -> bool) {
    until_within(PATIENCE, what, happened).await;
}

/// Waits for something that may take longer than others.
pub(crate) async fn until_within(
    patience: Duration,
    what: &str,
    mut happened: impl AsyncFnMut() -> bool,
) {
    let looking = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(patience, looking).await;
    assert!(in_time.is_ok(), "never happened: {what}");
}

/// The answer, which must come soon.
pub(crate) async fn soon<T>(what: &str, answer: impl Future<Output = T>) -> T {
    let in_time = tokio::time::timeout(PATIENCE, answer).await;
    in_time.unwrap_or_else(|_| panic!("no answer: {what}"))
}

/// The files under a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Copies every file under a folder into another.
pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
}
