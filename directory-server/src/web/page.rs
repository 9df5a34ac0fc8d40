//! The search page: the form with its choices, and what was found.

use std::ops::Range;

use askama::Template;
use referral_core::policy::Role;

use super::choices::{FIELDS, Lists, SITUATION, WORDS};
use super::form::Form;
use super::found::Shown;
use super::visitor::Visitor;
use super::wrong::Wrong;
use crate::operations::Answer;

/// `search.html`.
#[derive(Template)]
#[template(path = "search.html")]
pub(super) struct Page {
    form: Form,
    lists: Lists,
    wrong: Vec<Wrong>,
    answer: Option<Shown>,
    /// What the visitor is, where they are signed in.
    role: Option<String>,
    /// Whether they may ask for what is shown after a recorded request.
    may_ask: bool,
    /// Their session has ended by itself.
    signed_out: bool,
}

impl Page {
    /// The form alone.
    pub(super) fn empty(form: Form) -> Self {
        Self::of(form, Vec::new(), None)
    }

    /// The form with what is wrong in it.
    pub(super) fn wrong(form: Form, wrong: Vec<Wrong>) -> Self {
        Self::of(form, Wrong::sorted(wrong, &FIELDS), None)
    }

    /// The form and what was found.
    pub(super) fn found(form: Form, answer: &Answer) -> Self {
        let shown = Shown::of(&form, answer);
        Self::of(form, Vec::new(), Some(shown))
    }

    fn of(mut form: Form, wrong: Vec<Wrong>, answer: Option<Shown>) -> Self {
        form.fill("radius", "25");
        form.fill("availability", "open");
        form.fill("access", "any");
        form.draw();
        Self {
            lists: Lists::of(&form),
            form,
            wrong,
            answer,
            role: None,
            may_ask: false,
            signed_out: false,
        }
    }

    /// The page for this visitor.
    pub(super) fn seen_by(mut self, visitor: &Visitor) -> Self {
        for row in self.answer.iter_mut().flat_map(|shown| &mut shown.results) {
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

    /// True when a field of a fold is used or at fault.
    fn is_used(&self, fold: Range<usize>) -> bool {
        FIELDS[fold].iter().any(|field| {
            let typed = match *field {
                "languages" => self.form.value("language"),
                field => self.form.value(field),
            };
            let unused = typed.is_empty() || (*field == "access" && typed == "any");
            !unused || self.fault(field).is_some()
        })
    }
}
