//! Pictures of every page for a person to look at: `./test pictures` writes them to `target/screenshots`.

use std::fs;
use std::path::Path;

use fantoccini::Locator;

use crate::browser::Browser;
use crate::samples::varied;
use crate::site::{PAGES, Site};

/// The fold with what narrows the results.
const FACETS: Locator = Locator::Css(".facets summary");

#[tokio::test]
#[ignore = "writes pictures for a person to look at"]
async fn pictures() {
    let test = std::env::current_exe().expect("this test's file");
    let target = test.ancestors().nth(3).unwrap_or(Path::new("."));
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).expect("a folder");
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        for width in [320, 375, 1280] {
            for (name, path) in PAGES {
                let url = format!("{}{path}", site.url);
                browser.resize(width, 800).await;
                browser.page.goto(&url).await.expect("the page");
                for fold in browser.page.find_all(FACETS).await.expect("folds") {
                    fold.click().await.expect("a click");
                }
                let height = browser
                    .number("document.documentElement.scrollHeight")
                    .await;
                browser.resize(width, height).await;
                let picture = browser.page.screenshot().await.expect("a picture");
                let file = folder.join(format!("{name}-{width}-{scheme}.png"));
                fs::write(&file, picture).expect("a picture");
            }
        }
    }
    eprintln!("pictures are in {}", folder.display());
}
