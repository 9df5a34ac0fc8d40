//! Every address there is, as the source routes it: what walks them all forgets none that is added.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every address that is routed in a folder of the source, below the project's root; `x` stands for whatever an
/// address may hold.
///
/// # Panics
/// When the source cannot be read, or routes what is no address.
pub(crate) fn routes(folder: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = source(&root.join(folder));
    let routed = source.split(".route(").skip(1);
    routed
        .map(|what| {
            let address = address(&source, what.trim_start());
            let parts = address.split('/');
            let parts = parts.map(|part| if part.starts_with('{') { "x" } else { part });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// The text at the beginning of `what`, or that of the constant there.
fn address<'a>(source: &'a str, what: &'a str) -> &'a str {
    let text = what.strip_prefix('"').unwrap_or_else(|| {
        let name = what.split(',').next().unwrap_or_default();
        let name = name.rsplit("::").next().unwrap_or_default();
        let constant = format!("const {name}: &str = \"");
        let found = source.split_once(&constant);
        found.map_or_else(|| panic!("{name} is no address"), |(_, value)| value)
    });
    text.split('"').next().unwrap_or_default()
}

/// Everything written in a folder.
fn source(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap_or_else(|why| panic!("{why}")).path());
    paths
        .map(|path| {
            if path.is_dir() {
                source(&path)
            } else {
                fs::read_to_string(&path).unwrap_or_default()
            }
        })
        .collect()
}
