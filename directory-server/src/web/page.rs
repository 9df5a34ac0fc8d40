//! The search page: the form with its choices, and what was found.

use askama::Template;
use referral_core::search::Refused;

use super::choices::{FIELDS, FOLD, Lists};
use super::form::Form;
use super::found::Shown;
use super::result::capitalised;
use crate::operations::Answer;

/// `search.html`.
#[derive(Template)]
#[template(path = "search.html")]
pub(super) struct Page {
    form: Form,
    lists: Lists,
    wrong: Vec<Refused>,
    answer: Option<Shown>,
}

impl Page {
    /// The form alone.
    pub(super) fn empty(form: Form) -> Self {
        Self::of(form, Vec::new(), None)
    }

    /// The form with what is wrong in it.
    pub(super) fn wrong(form: Form, wrong: Vec<Refused>) -> Self {
        let place = |field| FIELDS.iter().position(|known| *known == field);
        let mut wrong: Vec<Refused> = wrong
            .into_iter()
            .map(|fault| Refused {
                field: place(fault.field).map_or("", |_| fault.field),
                text: capitalised(&fault.text),
                ..fault
            })
            .collect();
        wrong.sort_by_key(|fault| place(fault.field));
        Self::of(form, wrong, None)
    }

    /// The form and what was found.
    pub(super) fn found(form: Form, answer: &Answer) -> Self {
        let shown = Shown::of(&form, answer);
        Self::of(form, Vec::new(), Some(shown))
    }

    fn of(mut form: Form, wrong: Vec<Refused>, answer: Option<Shown>) -> Self {
        form.fill("radius", "25");
        form.fill("availability", "open");
        form.fill("access", "any");
        form.draw();
        Self {
            lists: Lists::of(&form),
            form,
            wrong,
            answer,
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter();
        let fault = wrong.find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }

    /// True when a field of the fold is used or at fault.
    fn fold_open(&self) -> bool {
        FIELDS[FOLD].iter().any(|field| {
            let typed = match *field {
                "languages" => self.form.value("language"),
                "access" => Some(self.form.value("access"))
                    .filter(|way| *way != "any")
                    .unwrap_or_default(),
                field => self.form.value(field),
            };
            !typed.is_empty() || self.fault(field).is_some()
        })
    }
}
