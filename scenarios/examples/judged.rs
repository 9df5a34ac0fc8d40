//! Prints how good the order of search results is: one line for each judged search, and the means.
//!
//! ```text
//! cargo run -p referral-scenarios --example judged
//! ```
//!
//! The real data is looked for in `REFERRAL_DATA`, else beside the workspace; without it, only the
//! searches of the synthetic network are asked.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::collections::BTreeMap;

use referral_scenarios::judged::{Measured, Ndcg, all};

fn main() -> anyhow::Result<()> {
    let all = all(&std::env::temp_dir())?;
    println!("{}", table(&all));
    Ok(())
}

/// The lines, each search and then each kind.
fn table(all: &[Measured]) -> String {
    let head = format!(
        "{:<13} {:<40} {:>7} {:>6} {:>6}  the first ten",
        "kind", "search", "nDCG@10", "found", "judged"
    );
    let mut lines = vec![head];
    lines.extend(all.iter().map(line));
    let mut kinds: BTreeMap<String, Vec<Ndcg>> = BTreeMap::new();
    for one in all {
        kinds.entry(kind(one)).or_default().push(one.ndcg);
    }
    kinds.insert("all".to_owned(), all.iter().map(|one| one.ndcg).collect());
    lines.extend([
        String::new(),
        "kind          searches  mean nDCG@10".to_owned(),
    ]);
    for (kind, ndcg) in &kinds {
        if let Some(mean) = Ndcg::mean(ndcg.iter().copied()) {
            lines.push(format!("{kind:<13} {:>8}  {mean}", ndcg.len()));
        }
    }
    lines.join("\n")
}

/// One search: the grades of its first results as digits, dots for those that nobody judged.
fn line(one: &Measured) -> String {
    let grades = one.shown.iter();
    let first: String = grades
        .map(|grade| grade.map_or('.', |grade| char::from(b'0' + grade.gain())))
        .collect();
    let kind = kind(one);
    format!(
        "{kind:<13} {:<40} {:>7} {:>6} {:>6}  {first}",
        one.id, one.ndcg, one.total, one.judged
    )
}

fn kind(one: &Measured) -> String {
    format!("{:?}", one.kind).to_lowercase()
}
