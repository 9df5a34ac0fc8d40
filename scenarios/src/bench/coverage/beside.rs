//! Searches while reports are made, and without: one after the other, several times.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use referral_core::coverage::{Evidence, Measure, Question, report};
use referral_core::search::{Need, Request};

use super::super::clock::measured;
use super::super::figures::Figures;
use super::{Bench, NEEDS, line, say};
use crate::national::Workload;
use directory_server::demand::ground;

/// Searches of a round.
const SEARCHES: usize = 1_000;
/// Rounds of both kinds.
const ROUNDS: usize = 6;
/// How much less urgent a report is than a search, as in the directory.
const LESS_URGENT: i32 = 10;

impl Bench<'_> {
    /// Searches on one thread, alone and while another makes one report by ZIP after another.
    pub(super) fn beside(&self, text: &mut String) -> anyhow::Result<()> {
        say("searches beside reports");
        let workload = Workload::new(self.national, self.options.seed, SEARCHES);
        let (mut alone, mut beside) = (Figures::default(), Figures::default());
        self.searches(&workload, &mut Figures::default())?;
        let mut reports = 0;
        for _ in 0..ROUNDS {
            self.searches(&workload, &mut alone)?;
            let (ended, made) = (AtomicBool::new(false), AtomicU32::new(0));
            thread::scope(|scope| {
                let reporting = scope.spawn(|| self.make_until(&ended, &made));
                let searched = self.searches(&workload, &mut beside);
                ended.store(true, Ordering::Relaxed);
                let reported = reporting.join();
                searched?;
                reported.unwrap_or_else(|_| anyhow::bail!("a report failed"))
            })?;
            reports += made.into_inner();
        }
        let (alone, beside) = (alone.wall(), beside.wall());
        line(
            text,
            &format!(
                "Searches, {} of each kind in {ROUNDS} turns, on the wall in milliseconds: alone p50 {:.2}, p95 {:.2}, p99 {:.2}; \
                 while a thread less urgent makes one report by ZIP after another ({reports} of them) p50 {:.2}, p95 {:.2}, p99 \
                 {:.2}: p99 is {:.2} times that.\n",
                SEARCHES * ROUNDS,
                alone.p50,
                alone.p95,
                alone.p99,
                beside.p50,
                beside.p95,
                beside.p99,
                beside.p99 / alone.p99,
            ),
        );
        Ok(())
    }

    fn searches(&self, workload: &Workload, figures: &mut Figures) -> anyhow::Result<()> {
        for search in workload.searches() {
            let (found, cost) = measured(|| self.index.search(&search.request, self.now));
            found?;
            figures.add(cost);
        }
        Ok(())
    }

    fn make_until(&self, ended: &AtomicBool, made: &AtomicU32) -> anyhow::Result<()> {
        // Of this thread alone, on Linux.
        let _refused = rustix::process::nice(LESS_URGENT);
        for need in NEEDS.into_iter().cycle() {
            if ended.load(Ordering::Relaxed) {
                break;
            }
            let filter = Request {
                need: Some(Need::parse(need)?),
                ..Request::any()
            };
            let (index, counties) = (self.index, &self.counties);
            let supply = index.supply(&filter, &[], counties, self.now, &|| Ok(()))?;
            let name = self.by_zip.source().name.clone();
            let question = Question::new(filter, name, Measure::NearestOpen, self.now);
            let evidence = Evidence::new(&self.by_zip, &supply, ground());
            std::hint::black_box(report(&question, &evidence));
            made.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
