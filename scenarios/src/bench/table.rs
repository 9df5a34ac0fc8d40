//! What was measured, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::figures::{Figures, Spread};

/// One engine and what was measured of it.
#[derive(Clone, Debug)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) classes: BTreeMap<&'static str, Figures>,
    pub(super) build: Duration,
    /// Bytes.
    pub(super) disk: u64,
    /// Bytes.
    pub(super) memory: u64,
}

impl Contender {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            classes: BTreeMap::new(),
            build: Duration::ZERO,
            disk: 0,
            memory: 0,
        }
    }

    fn overall(&self) -> Figures {
        let mut all = Figures::default();
        for figures in self.classes.values() {
            all.add_all(figures);
        }
        all
    }
}

/// The tables of a bench of so many services; the first contender is what the others are compared to.
pub(super) fn markdown(size: u32, contenders: &[Contender]) -> String {
    let mut text = format!("### {size} services\n\n");
    for (what, of) in [
        ("Processor time", Figures::cpu as fn(&Figures) -> Spread),
        ("Time on the wall", Figures::wall),
    ] {
        let _infallible = write!(
            text,
            "{what} a search, in milliseconds:\n\n| engine | mean | p50 | p95 | p99 | mean, times the engine's | p50 |\n|---|---|---|---|---|---|---|\n"
        );
        let first = of(&contenders[0].overall());
        for contender in contenders {
            let spread = of(&contender.overall());
            let _infallible = writeln!(
                text,
                "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.1} | {:.1} |",
                contender.name,
                spread.mean,
                spread.p50,
                spread.p95,
                spread.p99,
                spread.mean / first.mean,
                spread.p50 / first.p50
            );
        }
        text.push('\n');
    }
    text.push_str(&by_class(contenders));
    text
}

fn by_class(contenders: &[Contender]) -> String {
    let mut text = String::from(
        "Mean processor time by kind of search, in milliseconds:\n\n| kind | searches |",
    );
    for contender in contenders {
        let _infallible = write!(text, " {} |", contender.name);
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(contenders.len()));
    text.push('\n');
    for (class, figures) in &contenders[0].classes {
        let _infallible = write!(text, "| {class} | {} |", figures.number());
        for contender in contenders {
            let mean = contender.classes.get(class).map_or(0.0, |f| f.cpu().mean);
            let _infallible = write!(text, " {mean:.3} |");
        }
        text.push('\n');
    }
    text.push_str("\n| engine | build, s | on disk, MiB | memory, MiB |\n|---|---|---|---|\n");
    for contender in contenders {
        let mib = |bytes: u64| bytes >> 20;
        let _infallible = writeln!(
            text,
            "| {} | {:.1} | {} | {} |",
            contender.name,
            contender.build.as_secs_f64(),
            mib(contender.disk),
            mib(contender.memory)
        );
    }
    text
}
