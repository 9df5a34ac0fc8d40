//! What was typed into the form for several needs: the search form's fields, and more than one need.

use referral_core::search::Query;
use referral_core::vocabulary::Code;

use crate::operations::{Bundle, meaning};
use crate::web::choices::{self, Choice, NEEDS};
use crate::web::form::Form;
use crate::web::result::capitalised;
use crate::web::wrong::Wrong;

/// Results for each need.
const RESULTS: u32 = 10;
/// Results of all needs together on the page: with more it is too much for an old phone.
const ROWS: u32 = 40;
/// Needs offered as boxes to tick; any other that a search or a link brings is kept beside them.
const OFFERED: [&str; 14] = [
    "dom:leg",
    "lc:asy-def",
    "lc:bond",
    "ho:es",
    "dom:hou",
    "dom:med",
    "dom:mhp",
    "da:food",
    "dom:dir",
    "dom:voc",
    "dom:edu",
    "dom:cas",
    "dom:int",
    "dom:fme",
];
/// Fields of a link, and what they mean where a link does not say them.
const LINKED: [(&str, &str); 3] = [("near", ""), ("radius", "25"), ("availability", "open")];

/// What was typed: several needs, and everything else as in the search form.
#[derive(Clone, Default)]
pub(in crate::web) struct Asked {
    /// Everything but the needs.
    pub(in crate::web) form: Form,
    /// The needs, each once, as typed.
    pub(in crate::web) needs: Vec<String>,
    /// The language of the hand-out; empty: not said.
    pub(in crate::web) write: String,
}

impl Asked {
    /// Reads a form's body.
    pub(in crate::web) fn read(typed: &[u8]) -> Self {
        Self::parts(typed, Form::read)
    }

    /// Reads a query string. Facts about one client do not belong there.
    pub(in crate::web) fn read_link(typed: &[u8]) -> Self {
        Self::parts(typed, Form::read_link)
    }

    fn parts(typed: &[u8], read: impl FnOnce(&[u8]) -> Form) -> Self {
        let (mut needs, mut write, mut any) = (Vec::new(), String::new(), false);
        let mut rest = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(typed) {
            any = true;
            let value = value.trim();
            match &*name {
                "need" if value.is_empty() || needs.iter().any(|need| need == value) => {}
                "need" => needs.push(value.to_owned()),
                "write" => value.clone_into(&mut write),
                _ => drop(rest.append_pair(&name, value)),
            }
        }
        let mut form = read(rest.finish().as_bytes());
        form.asked = any;
        Self { form, needs, write }
    }

    /// What is asked of the directory, and every field that means nothing.
    pub(in crate::web) fn bundle(&self) -> (Bundle, Vec<Wrong>) {
        let (query, wrong) = self.form.query();
        let shared = Query {
            limit: RESULTS,
            cursor: String::new(),
            facets: false,
            near_misses: false,
            ..query
        };
        let needs = self.needs.clone();
        (Bundle { shared, needs }, wrong)
    }

    /// How many results the page has for each need: the more needs, the fewer.
    pub(super) fn rows_each(&self) -> u32 {
        let needs = u32::try_from(self.needs.len()).unwrap_or(ROWS);
        (ROWS / needs.max(1)).clamp(1, RESULTS)
    }

    /// The need of each answer: without any, the search is for any help.
    pub(in crate::web) fn each_need(&self) -> Vec<String> {
        if self.needs.is_empty() {
            vec![String::new()]
        } else {
            self.needs.clone()
        }
    }

    /// What a button beside the form sends again.
    pub(in crate::web) fn kept(&self) -> Vec<(&'static str, String)> {
        let needs = self.needs.iter().map(|need| ("need", need.clone()));
        needs.chain(self.form.kept()).collect()
    }

    /// The address of these `needs` and the place, without anything that may tell of one client. `None`
    /// without either.
    pub(in crate::web) fn link(&self, path: &str, needs: &[String]) -> Option<String> {
        if needs.is_empty() && self.form.value("near").is_empty() {
            return None;
        }
        let start = path.len() + 1;
        let mut link = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
        for need in needs {
            link.append_pair("need", need);
        }
        for (name, usual) in LINKED {
            let value = self.form.value(name);
            if !value.is_empty() && value != usual {
                link.append_pair(name, value);
            }
        }
        Some(link.finish())
    }

    /// The boxes to tick, with what was ticked.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let others = self.needs.iter().map(String::as_str);
        let others = others.filter(|need| !OFFERED.contains(need));
        let all = OFFERED.into_iter().chain(others);
        all.map(|need| Choice {
            value: need.to_owned(),
            label: label(need),
            chosen: self.needs.iter().any(|asked| asked == need),
        })
        .collect()
    }
}

/// What a need is called: as in the search form, else as the vocabulary says, else as typed.
pub(in crate::web) fn label(need: &str) -> String {
    if NEEDS.contains(&need) {
        return capitalised(choices::label("need", need).trim_start_matches("– "));
    }
    let codes = need.split(',').map(|code| {
        let code = code.trim();
        let parsed = Code::parse(code).ok();
        parsed.map_or_else(|| code.to_owned(), |code| meaning(&code))
    });
    let labels: Vec<String> = codes.collect();
    capitalised(&labels.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_holds_needs_and_place_and_nothing_about_one_client() {
        let typed = "need=dom:hou&need=dom:leg&need=dom:hou&near=28202&radius=25&age=17&custody=det\
                     &language=ti&write=es&text=pregnant&nationality=HN&fee=free&rotation=5";
        let asked = Asked::read(typed.as_bytes());

        assert_eq!(
            asked.link("/travel", &asked.needs).as_deref(),
            Some("/travel?need=dom%3Ahou&need=dom%3Aleg&near=28202")
        );
        assert_eq!(asked.write, "es");
    }

    #[test]
    fn a_link_says_how_far_and_which_states_where_they_are_unusual() {
        let asked = Asked::read(b"need=ho:es&near=TX&radius=100&availability=any");

        assert_eq!(
            asked.link("/handout", &asked.needs).as_deref(),
            Some("/handout?need=ho%3Aes&near=TX&radius=100&availability=any")
        );
    }

    #[test]
    fn many_needs_share_the_rows_of_a_page() {
        for needs in 0..=8 {
            let typed: Vec<String> = (0..needs).map(|at| format!("need=x:{at}")).collect();
            let asked = Asked::read(typed.join("&").as_bytes());

            let each = asked.rows_each();

            assert!(
                each >= 5 && each * needs.max(1) <= ROWS,
                "{needs} needs: {each}"
            );
        }
    }

    #[test]
    fn facts_about_one_client_are_refused_in_a_link() {
        let (_, wrong) = Asked::read_link(b"need=dom:leg&near=28202&age=17").bundle();

        assert_eq!(wrong[0].code, "field_private");
    }

    #[test]
    fn every_need_offered_has_the_name_of_the_search_form() {
        for need in OFFERED {
            assert!(NEEDS.contains(&need), "{need}");
        }
        assert_eq!(label("ho:es"), "Emergency shelter");
    }

    #[test]
    fn a_need_that_is_not_offered_is_kept() {
        let asked = Asked::read(b"need=lc:bond,rep:full&near=28202");

        let kept: Vec<Choice> = asked.choices().into_iter().filter(|c| c.chosen).collect();

        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].value, "lc:bond,rep:full");
        assert_eq!(asked.kept()[0], ("need", "lc:bond,rep:full".to_owned()));
    }
}
