//! What can still be done where little or nothing is open and no single change of the search promises more.
//!
//! Unlike a near miss, nothing here promises a number: it is always true, and for a person to try.

use referral_core::vocabulary::Code;

use super::choices::NEEDS;
use super::form::Form;
use super::travel::asked::label;
use crate::{say, tell};

/// One thing to try: a search with some fields changed.
pub(super) struct Still {
    /// The field it sets, and its value.
    pub(super) name: &'static str,
    pub(super) value: String,
    /// Fields it empties.
    pub(super) cleared: &'static [&'static str],
    pub(super) text: String,
    /// What to know about it.
    pub(super) note: String,
}

/// What can be tried instead of the search of `form` for `need`, what is nearest to it first.
pub(super) fn still(form: &Form, need: &str) -> Vec<Still> {
    let mut each = Vec::new();
    if form.value("availability") != "any" {
        each.push(Still {
            name: "availability",
            value: "any".to_owned(),
            cleared: &[],
            text: say("still-any"),
            note: say("still-any-note"),
        });
    }
    let far = form.value("near").is_empty() && form.value("serves").is_empty();
    if !far || form.value("access") != "remote" {
        each.push(Still {
            name: "access",
            value: "remote".to_owned(),
            cleared: &["near", "serves"],
            text: say("still-remote"),
            note: say("still-remote-note"),
        });
    }
    if !need.is_empty() {
        let wider = wider(need);
        let text = match wider.as_str() {
            "" => say("still-need-any"),
            code => tell("still-need", &[("need", label(code).into())]),
        };
        each.push(Still {
            name: "need",
            value: wider,
            cleared: &[],
            text,
            note: say("still-need-note"),
        });
    }
    each
}

/// Where everything open in the area can be taken along.
pub(super) fn pack(form: &Form) -> Option<String> {
    let near = form.value("near");
    if near.is_empty() {
        return None;
    }
    let mut link = form_urlencoded::Serializer::for_suffix("/pack?".to_owned(), 6);
    link.append_pair("near", near);
    let radius = form.value("radius");
    if !radius.is_empty() {
        link.append_pair("radius", radius);
    }
    Some(link.finish())
}

/// The need that a need is part of; of none, any.
fn wider(need: &str) -> String {
    let parent = Code::parse(need).ok().and_then(|code| code.parent());
    let known = parent.filter(|parent| NEEDS.contains(&parent.as_str()));
    known.map(|parent| parent.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(typed: &str, need: &str) -> Vec<(&'static str, String)> {
        let form = Form::read(typed.as_bytes());
        let each = still(&form, need).into_iter();
        each.map(|still| (still.name, still.value)).collect()
    }

    #[test]
    fn there_is_always_something_to_try_that_is_not_the_same_search() {
        for typed in [
            "",
            "near=28202",
            "near=28202&availability=any",
            "need=dom:hou&near=28202&availability=any&access=remote",
            "availability=any&access=remote&need=lc:bond",
        ] {
            let form = Form::read(typed.as_bytes());
            let each = still(&form, form.value("need"));
            assert!(!each.is_empty(), "{typed}");
            for still in each {
                let cleared = still.cleared.iter().any(|name| form.ticked(name));
                let changed = cleared || form.value(still.name) != still.value;
                assert!(changed, "{typed}: {}", still.text);
            }
        }
    }

    #[test]
    fn a_detailed_need_becomes_its_domain_and_a_domain_any_help() {
        assert!(tried("need=lc:bond", "lc:bond").contains(&("need", "dom:leg".to_owned())));
        assert!(tried("need=dom:hou", "dom:hou").contains(&("need", String::new())));
        assert!(tried("need=da:food", "da:food").contains(&("need", "dom:dir".to_owned())));
    }

    #[test]
    fn the_pack_is_that_of_the_place_alone() {
        let form = Form::read(b"need=dom:hou&near=Charlotte%2C+NC&radius=50&age=17");

        assert_eq!(
            pack(&form).as_deref(),
            Some("/pack?near=Charlotte%2C+NC&radius=50")
        );
        assert_eq!(pack(&Form::read(b"need=dom:hou")), None);
    }
}
