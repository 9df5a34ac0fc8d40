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
    /// End at this visit, counted from 1.
    Kill { visit: u32, seen: AtomicU32 },
}

impl Plan {
    /// The plan of this process.
    pub(crate) fn of_environment() -> Self {
        let text = variable("FAILPOINTS").unwrap_or_default();
        let text = text.to_string_lossy();
        Self::parse(&text).unwrap_or_else(|wrong| panic!("FAILPOINTS: {wrong}"))
    }

    /// Reads `point=kill@VISIT` or `point=on`, separated by semicolons.
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(';').filter(|part| !part.is_empty());
        parts.map(planned).collect::<Result<_, _>>().map(Self)
    }

    /// Counts a visit; true when it is the one to end at.
    pub(crate) fn is_due(&self, point: &str) -> bool {
        self.0
            .iter()
            .any(|planned| match (&planned.action, planned.point == point) {
                (Action::Kill { visit, seen }, true) => {
                    seen.fetch_add(1, Ordering::Relaxed) + 1 == *visit
                }
                _ => false,
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
    let visit = action.strip_prefix("kill@");
    let action = match (action, visit.map(str::parse)) {
        ("on", _) => Action::On,
        (_, Some(Ok(visit @ 1..))) => Action::Kill {
            visit,
            seen: AtomicU32::new(0),
        },
        _ => return Err(format!("{action} is neither `on` nor `kill@VISIT`")),
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
        let plan = Plan::parse("ack.sent=kill@2;journal.roll.early=on").unwrap();

        let visits = [(); 3].map(|()| plan.is_due("ack.sent"));

        assert_eq!(visits, [false, true, false]);
        assert!(!plan.is_due("rx.decoded"));
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
