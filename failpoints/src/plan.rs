//! What a process was told to do at its points.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::POINTS;

/// What is to happen, and how often each point was reached.
#[derive(Debug, Default)]
pub(crate) struct Plan(Vec<Planned>);

#[derive(Debug)]
struct Planned {
    point: &'static str,
    action: Action,
}

#[derive(Debug)]
enum Action {
    /// What the point switches is on.
    On,
    /// Something ends at this visit, counted from 1.
    End {
        what: End,
        visit: u32,
        seen: AtomicU32,
    },
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The process.
    Process,
    /// Its request, task or thread, in a panic.
    Panic,
}

impl Plan {
    /// The plan of this process.
    pub(crate) fn of_environment() -> Self {
        let text = variable("FAILPOINTS").unwrap_or_default();
        let text = text.to_string_lossy();
        Self::parse(&text).unwrap_or_else(|wrong| panic!("FAILPOINTS: {wrong}"))
    }

    /// Reads `point=kill@VISIT`, `point=panic@VISIT` or `point=on`, separated by semicolons.
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(';').filter(|part| !part.is_empty());
        parts.map(planned).collect::<Result<_, _>>().map(Self)
    }

    /// Counts a visit; what ends at it.
    pub(crate) fn due(&self, point: &str) -> Option<End> {
        let mut here = self.0.iter().filter(|planned| planned.point == point);
        here.find_map(|planned| match &planned.action {
            Action::End { what, visit, seen } => {
                let now = seen.fetch_add(1, Ordering::Relaxed) + 1;
                (now == *visit).then_some(*what)
            }
            Action::On => None,
        })
    }

    pub(crate) fn is_on(&self, point: &str) -> bool {
        let on = |planned: &Planned| matches!(planned.action, Action::On);
        self.0
            .iter()
            .any(|planned| planned.point == point && on(planned))
    }
}

/// Where the names of points that ended a process go.
pub(crate) fn hits_file() -> Option<OsString> {
    variable("FAILPOINTS_HITS")
}

fn planned(part: &str) -> Result<Planned, String> {
    let (name, action) = part.split_once('=').ok_or("a part is point=action")?;
    let known = POINTS.into_iter().find(|point| *point == name);
    let point = known.ok_or_else(|| format!("there is no point {name}"))?;
    let (what, visit) = match action.split_once('@') {
        Some(("kill", visit)) => (End::Process, visit.parse().ok()),
        Some(("panic", visit)) => (End::Panic, visit.parse().ok()),
        _ => (End::Process, None),
    };
    let action = match (action, visit) {
        ("on", _) => Action::On,
        (_, Some(visit @ 1..)) => Action::End {
            what,
            visit,
            seen: AtomicU32::new(0),
        },
        _ => {
            return Err(format!(
                "{action} is not `on`, `kill@VISIT` or `panic@VISIT`"
            ));
        }
    };
    Ok(Planned { point, action })
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_ends_at_the_planned_visit_and_no_other() {
        let plan = "ack.sent=kill@2;journal.roll.early=on;rx.authz=panic@1";
        let plan = Plan::parse(plan).unwrap();

        let visits = [(); 3].map(|()| plan.due("ack.sent"));

        assert_eq!(visits, [None, Some(End::Process), None]);
        assert_eq!(plan.due("rx.authz"), Some(End::Panic));
        assert_eq!(plan.due("rx.decoded"), None);
        assert!(plan.is_on("journal.roll.early") && !plan.is_on("ack.sent"));
    }

    #[test]
    fn a_plan_that_names_no_point_or_action_is_refused() {
        for wrong in [
            "ack.lost=kill@1",
            "ack.sent",
            "ack.sent=kill@0",
            "ack.sent=stop",
        ] {
            assert!(Plan::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Plan::parse("").is_ok());
    }
}
