//! The page for several needs: the form, who covers more than one of them, and what was found for each.

use askama::Template;
use referral_core::policy::Role;

use super::asked::{Asked, label};
use crate::operations::{Answer, BundleAnswer};
use crate::web::choices::{Choice, Lists};
use crate::web::form::Form;
use crate::web::found::{as_of, rows};
use crate::web::handout::languages::{self, Written};
use crate::web::result::Row;
use crate::web::still::{Still, still};
use crate::web::visitor::Visitor;
use crate::web::wrong::Wrong;

/// The page's fields in their order, by the names faults go by.
const FIELDS: [&str; 12] = [
    "need",
    "near",
    "radius_miles",
    "languages",
    "interpreter",
    "custody",
    "age",
    "immigration",
    "nationality",
    "work_permit",
    "fee",
    "availability",
];
/// Where the fold is among [`FIELDS`].
const FOLD: std::ops::Range<usize> = 3..11;

/// `travel.html`.
#[derive(Template)]
#[template(path = "travel.html")]
pub(super) struct Page {
    asked: Asked,
    needs: Vec<Choice>,
    lists: Lists,
    wrong: Vec<Wrong>,
    answer: Option<Shown>,
    role: Option<String>,
    may_ask: bool,
    signed_out: bool,
}

/// What was found.
pub(super) struct Shown {
    /// "Immigration lawyer + housing", for the heading.
    title: String,
    near: Option<String>,
    notices: Vec<String>,
    /// Organizations that answer several needs, and which.
    several: Vec<(String, String)>,
    parts: Vec<Part>,
    link: Option<String>,
    /// What every button sends again, without the needs and with them.
    shared: Vec<(&'static str, String)>,
    kept: Vec<(&'static str, String)>,
    /// The languages of the hand-out, and the one that is offered first.
    written: Vec<Written>,
    pack: Option<String>,
    /// When it was true, for paper.
    as_of: String,
}

/// What was found for one need.
struct Part {
    need: String,
    label: String,
    count: String,
    /// The number of its first result on the page, from 1.
    first: usize,
    rows: Vec<Row>,
    /// What can be tried where nothing was found.
    still: Vec<Still>,
}

impl Page {
    /// The form alone.
    pub(super) fn empty(asked: Asked) -> Self {
        Self::of(asked, Vec::new(), None)
    }

    /// The form with what is wrong in it.
    pub(super) fn wrong(asked: Asked, wrong: Vec<Wrong>) -> Self {
        Self::of(asked, Wrong::sorted(wrong, &FIELDS), None)
    }

    /// The form and what was found.
    pub(super) fn found(asked: Asked, found: &BundleAnswer) -> Self {
        let shown = Shown::of(&asked, found);
        Self::of(asked, Vec::new(), Some(shown))
    }

    fn of(mut asked: Asked, wrong: Vec<Wrong>, answer: Option<Shown>) -> Self {
        asked.form.fill("radius", "25");
        asked.form.fill("availability", "open");
        Self {
            needs: asked.choices(),
            lists: Lists::of(&asked.form),
            asked,
            wrong,
            answer,
            role: None,
            may_ask: false,
            signed_out: false,
        }
    }

    /// The page for this visitor.
    pub(super) fn seen_by(mut self, visitor: &Visitor) -> Self {
        let parts = self.answer.iter_mut().flat_map(|shown| &mut shown.parts);
        for row in parts.flat_map(|part| &mut part.rows) {
            row.seen_by(&visitor.viewer);
        }
        Self {
            role: visitor.role_words(),
            may_ask: visitor.viewer.role == Role::Specialist && visitor.session.is_some(),
            signed_out: visitor.signed_out,
            ..self
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter();
        let fault = wrong.find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }

    /// True when a field of the fold is used or at fault.
    fn is_used(&self) -> bool {
        FIELDS[FOLD].iter().any(|field| {
            let name = match *field {
                "languages" => "language",
                field => field,
            };
            self.asked.form.ticked(name) || self.fault(field).is_some()
        })
    }
}

impl Shown {
    fn of(asked: &Asked, found: &BundleAnswer) -> Self {
        let needs = asked.each_need();
        let labels: Vec<String> = needs.iter().map(|need| label(need)).collect();
        let first = found.answers.first();
        let several = found.organizations.iter().map(|one| {
            let covered = one.needs.iter().filter_map(|at| labels.get(*at));
            let covered: Vec<&str> = covered.map(String::as_str).collect();
            (one.name.clone(), covered.join(" + "))
        });
        let mut number = 1;
        let parts = found.answers.iter().zip(&needs).zip(&labels);
        Self {
            title: labels.join(" + "),
            near: first.and_then(|answer| answer.near.clone()),
            notices: first.map_or_else(Vec::new, |answer| {
                answer.notices.iter().map(|n| n.text.clone()).collect()
            }),
            several: several.collect(),
            parts: parts
                .map(|((answer, need), label)| {
                    let part = Part::of(&asked.form, need, label, number, answer);
                    number += part.rows.len();
                    part
                })
                .collect(),
            link: asked.link("/travel", &asked.needs),
            shared: asked.form.kept(),
            kept: asked.kept(),
            written: languages::offered(asked.form.value("language")),
            pack: asked.link("/pack", &[]),
            as_of: first.map(as_of).unwrap_or_default(),
        }
    }
}

impl Part {
    fn of(form: &Form, need: &str, label: &str, first: usize, answer: &Answer) -> Self {
        let shown = answer.results.len();
        Self {
            need: need.to_owned(),
            label: label.to_owned(),
            count: crate::tell(
                "travel-count",
                &[
                    ("total", answer.total.into()),
                    ("open", answer.open.into()),
                    ("shown", shown.into()),
                ],
            ),
            first,
            rows: rows(answer),
            still: if answer.total == 0 {
                still(form, need)
            } else {
                Vec::new()
            },
        }
    }
}
