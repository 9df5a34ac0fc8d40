//! Pictures of every page in every state for a person to look at: `./test pictures` writes them to
//! `target/screenshots`, each on a telephone and a desk, in light and dark, with large text, and those that are for
//! paper as they print.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::browser::Browser;
use crate::tour;

/// How a page is looked at: what is appended to its name, the scheme, the width and the size of text.
const WAYS: [(&str, &str, u32, u32); 5] = [
    ("320", "light", 320, 16),
    ("1200", "light", 1200, 16),
    ("320-dark", "dark", 320, 16),
    ("1200-dark", "dark", 1200, 16),
    ("1200-large", "light", 1200, 32),
];

/// Pages that are for paper, by the beginnings of their names.
const PRINTED: [&str; 5] = ["handout", "coverage-brief", "results", "service", "travel"];

/// Pictures are cut off here. Unit: CSS pixels.
const TALLEST: u32 = 8_000;

#[tokio::test]
#[ignore = "writes pictures for a person to look at"]
async fn pictures_of_what_anybody_sees() {
    tour::of_anybody(&take_all).await;
}

#[tokio::test]
#[ignore = "writes pictures for a person to look at"]
async fn pictures_of_what_caseworkers_see() {
    tour::of_caseworkers(&take_all).await;
}

#[tokio::test]
#[ignore = "writes pictures for a person to look at"]
async fn pictures_of_what_operators_see() {
    tour::of_operators(&take_all).await;
}

#[tokio::test]
#[ignore = "writes pictures for a person to look at"]
async fn pictures_of_what_an_agency_sees() {
    tour::of_an_agency(&take_all).await;
}

async fn take_all(browser: &Browser, name: &str) {
    let folder = folder();
    for way in WAYS {
        take(browser, &folder, name, way).await;
    }
    if PRINTED.iter().any(|printed| name.starts_with(printed)) {
        print(browser, &folder, name).await;
    }
    browser.prefer("light").await;
    browser.text_size(16).await;
    browser.resize(1280, 900).await;
}

fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("this test's file");
    let target = test.ancestors().nth(3).unwrap_or(Path::new("."));
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

async fn take(
    browser: &Browser,
    folder: &Path,
    name: &str,
    (way, scheme, width, text): (&str, &str, u32, u32),
) {
    browser.prefer(scheme).await;
    browser.text_size(text).await;
    write(browser, width, &folder.join(format!("{name}-{way}.png"))).await;
}

/// As wide as a sheet of Letter with its margins, without what paper has no use for.
async fn print(browser: &Browser, folder: &Path, name: &str) {
    browser.text_size(16).await;
    let media = json!({"media": "print", "features": []});
    browser.devtools("Emulation.setEmulatedMedia", media).await;
    write(browser, 740, &folder.join(format!("{name}-print.png"))).await;
    let media = json!({"media": "", "features": []});
    browser.devtools("Emulation.setEmulatedMedia", media).await;
}

async fn write(browser: &Browser, width: u32, file: &Path) {
    browser.resize(width, 800).await;
    let height = browser
        .number("document.documentElement.scrollHeight")
        .await;
    browser.resize(width, height.min(TALLEST)).await;
    let picture = browser.page.screenshot().await.expect("a picture");
    fs::write(file, picture).expect("a picture");
}
