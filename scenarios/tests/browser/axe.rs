//! axe-core: the accessibility rules a program can check, run in the page.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::Browser;

/// Every rule the page breaks, with the elements that break it.
pub(crate) async fn violations(browser: &Browser) -> Vec<String> {
    let page = &browser.page;
    let ready = page.execute(source(), Vec::new()).await;
    ready.expect("axe is in the page");
    let run = "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])";
    let result = page.execute_async(run, Vec::new()).await.expect("axe runs");
    let passed = result["passes"].as_array().map_or(0, Vec::len);
    assert!(passed > 10, "axe checked {passed} rules only");
    let broken = result["violations"].as_array().expect("a list");
    broken.iter().map(told).collect()
}

/// `color-contrast: [".hint"]: Element has insufficient color contrast...`
fn told(broken: &Value) -> String {
    let nodes = broken["nodes"].as_array().into_iter().flatten();
    let nodes: Vec<String> = nodes
        .map(|node| format!("{}: {}", node["target"], node["failureSummary"]))
        .collect();
    format!("{}: {}", broken["id"], nodes.join("; "))
}

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let test = std::env::current_exe().expect("this test's file");
        let target = test.ancestors().nth(3).unwrap_or(Path::new("."));
        let file = target.join("axe-core/axe.min.js");
        fs::read_to_string(&file).unwrap_or_else(|error| {
            let file = file.display();
            panic!("{file}: {error}: run ./test browser, which fetches it")
        })
    })
}
