//! The page fits small screens and large text without scrolling sideways.

use serde_json::json;

use crate::browser::Browser;
use crate::samples::varied;
use crate::site::{PAGES, Site};

/// The text size of a browser out of the box, and twice that. Unit: CSS pixels.
const TEXT: [u32; 2] = [16, 32];

#[tokio::test]
async fn nothing_scrolls_sideways_on_a_small_screen_or_with_large_text() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    for text in TEXT {
        let sizes = json!({"fontSizes": {"standard": text}});
        browser.devtools("Page.setFontSizes", sizes).await;
        for width in [320, 375, 768, 1280] {
            browser.resize(width, 800).await;
            for (name, path) in PAGES {
                let url = format!("{}{path}", site.url);
                browser.open(&url).await;
                assert_eq!(root_size(&browser).await, text, "the size is not taken");

                let widest = widest(&browser).await;

                assert!(
                    widest <= width,
                    "{name} at {width}, text {text}: {widest} pixels wide"
                );
            }
        }
    }
}

/// How wide the page is with everything in it.
async fn widest(browser: &Browser) -> u32 {
    browser.number("document.documentElement.scrollWidth").await
}

async fn root_size(browser: &Browser) -> u32 {
    browser
        .number("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        .await
}
