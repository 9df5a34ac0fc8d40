//! What was measured, as Markdown.

use std::fmt::Write;

use super::contest::{Contender, Options};
use super::figures::{Figures, Matches, Spread};
use crate::judged::Ndcg;

/// What comparing the answers came to.
pub(super) struct Checked {
    /// How many services the searches match.
    pub(super) matches: Matches,
    /// Searches that not all engines can be asked.
    pub(super) left_out: usize,
    /// Answers that differ.
    pub(super) differing: usize,
    /// How many judged searches were asked, and how good the order of their results is.
    pub(super) order: (usize, Option<Ndcg>),
}

/// The tables of a bench; the first contender is what the others are compared to.
pub(super) fn markdown(
    options: &Options,
    contenders: &[Contender],
    checked: &Checked,
    machine: &str,
) -> String {
    let mut text = format!("### {} services\n\n{machine}.\n\n", options.size);
    let Checked {
        matches,
        left_out,
        differing,
        order,
    } = checked;
    let _infallible = writeln!(
        text,
        "{} searches (seed {}), {} rounds; {matches}. {left_out} searches were left out: some word of \
         theirs is spelt as in no service. {differing} answers differ.\n",
        matches.number(),
        options.seed,
        options.rounds
    );
    if let (searches, Some(mean)) = order {
        let _infallible = writeln!(
            text,
            "Order of results: {searches} judged searches, mean nDCG@10 {mean}.\n"
        );
    }
    if *differing > 0 {
        let _infallible = writeln!(text, "**The times mean nothing while answers differ.**\n");
    }
    text.push_str(&spreads("Processor time", Figures::cpu, contenders));
    text.push_str(&spreads("Time on the wall", Figures::wall, contenders));
    text.push_str(&by_class(contenders));
    text.push_str(&the_rest(contenders));
    text
}

fn spreads(what: &str, of: fn(&Figures) -> Spread, contenders: &[Contender]) -> String {
    let mut text = format!(
        "{what} a search, in milliseconds:\n\n\
         | engine | mean | p50 | p95 | p99 | mean / engine's | p50 / engine's |\n\
         |---|---|---|---|---|---|---|\n"
    );
    let overall = |contender: &Contender| {
        let mut all = Figures::default();
        contender.classes.values().for_each(|one| all.add_all(one));
        of(&all)
    };
    let first = contenders.first().map(overall);
    for contender in contenders {
        let Spread {
            mean,
            p50,
            p95,
            p99,
        } = overall(contender);
        let ratio = first.map_or((0.0, 0.0), |first| (mean / first.mean, p50 / first.p50));
        let _infallible = writeln!(
            text,
            "| {} | {mean:.3} | {p50:.3} | {p95:.3} | {p99:.3} | {:.1} | {:.1} |",
            contender.name, ratio.0, ratio.1
        );
    }
    text + "\n"
}

fn by_class(contenders: &[Contender]) -> String {
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
    let mut text = format!(
        "Processor time by class of search, mean and p95, in milliseconds:\n\n\
         | class | measured | {} |\n|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for (class, figures) in contenders.first().iter().flat_map(|one| &one.classes) {
        let _infallible = write!(text, "| {class} | {} |", figures.number());
        for contender in contenders {
            let spread = contender.classes.get(class).map(Figures::cpu);
            let (mean, p95) = spread.map_or((0.0, 0.0), |spread| (spread.mean, spread.p95));
            let _infallible = write!(text, " {mean:.3}, {p95:.3} |");
        }
        text.push('\n');
    }
    text + "\n"
}

fn the_rest(contenders: &[Contender]) -> String {
    let mut text = String::from(
        "| engine | searches a second, all processors | build, s | on disk, MiB | memory, MiB | \
         report to visible, ms: mean, p99 |\n|---|---|---|---|---|---|\n",
    );
    for contender in contenders {
        let Spread { mean, p99, .. } = contender.visible.wall();
        let visible = if mean > 0.0 {
            format!("{mean:.4}, {p99:.4}")
        } else {
            "-".to_owned()
        };
        let _infallible = writeln!(
            text,
            "| {} | {:.0} | {:.1} | {} | {} | {visible} |",
            contender.name,
            contender.throughput,
            contender.build.as_secs_f64(),
            contender.disk >> 20,
            contender.peer.memory() >> 20
        );
    }
    for contender in contenders {
        if let Some(intact) = contender.intact {
            let _infallible = writeln!(
                text,
                "\n{}: starts in {:.1} s with everything in order, in {:.1} s with its journal alone.",
                contender.name,
                intact.as_secs_f64(),
                contender.build.as_secs_f64()
            );
        }
    }
    text
}
