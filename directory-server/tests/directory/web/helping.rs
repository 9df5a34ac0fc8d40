//! What helps, and what narrows, on the page: buttons that change one thing and keep the rest.

use std::fmt::Write as _;

use super::page;
use crate::support::html::Page;
use crate::support::http::{Answer, get, post};
use crate::support::records::{coded, organization};
use crate::support::town::town;
use crate::support::{Agency, House, until};

const BOND: &str = "need=lc%3Abond&near=Dilley%2C+TX";

async fn search(house: &House, typed: &str) -> (Answer, Page) {
    let answer = post(house.public, "/", typed).await;
    assert_eq!(answer.status, 200, "{typed}");
    let page = page(&answer);
    (answer, page)
}

/// The number at the end of what a button promises: `"Within 112 miles: 2"`, `"Spanish (4)"`.
fn promised(button: &str) -> &str {
    let (_, rest) = button.rsplit_once(": ").unwrap_or(("", button));
    let digits = |c: char| !c.is_ascii_digit();
    let number = rest.split(digits).find(|part| !part.is_empty());
    number.unwrap_or_else(|| panic!("{button} promises nothing"))
}

fn count_of(page: &Page) -> String {
    let title = page.texts("title")[0];
    title.split(' ').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_button_that_helps_keeps_its_promise_and_the_rest_of_the_search() {
    let house = town().await;
    let typed = format!("{BOND}&access=in_person&fee=free&language=es&age=17&custody=rel");
    let (_, first) = search(&house, &typed).await;
    let offered: Vec<String> = first
        .all("button")
        .into_iter()
        .filter(|button| button.text.contains(": "))
        .map(|button| button.text.trim().to_owned())
        .collect();
    assert!(offered.len() >= 2, "{offered:?}");

    for button in offered {
        let (_, after) = search(&house, &first.press(&button)).await;

        assert_eq!(count_of(&after), promised(&button), "{button}");
        assert_eq!(after.chosen("need"), Some("lc:bond"), "{button}");
        assert_eq!(after.chosen("custody"), Some("rel"), "{button}");
    }
}

#[tokio::test]
async fn eight_needs_at_once_are_a_page_that_an_old_phone_loads() {
    const NEEDS: [&str; 8] = [
        "dom:fme", "dom:voc", "dom:cm", "dom:edu", "fm:food", "fm:cloth", "vo:esl", "cm:nav",
    ];
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut batch = vec![agency.publish(organization("org"))];
    for number in 0..12 {
        let name = format!("A Long Name of a Service in the Harbor {number}").repeat(5);
        batch.push(agency.publish(coded(&format!("s{number}"), &name, &NEEDS)));
    }
    stream.operations(batch).await;
    until("all are found", async || house.names("").len() == 12).await;

    let needs = NEEDS.map(|need| format!("need={need}")).join("&");
    let answer = get(house.public, &format!("/travel?{needs}&availability=any")).await;

    let page = page(&answer);
    assert_eq!(page.all("article").len(), 40);
    assert!(
        answer.text().len() < 100_000,
        "{} bytes",
        answer.text().len()
    );
}

#[tokio::test]
async fn what_helps_comes_before_the_results_only_where_little_is_open() {
    let house = town().await;
    let few = format!("{BOND}&language=es");
    let (few, _) = search(&house, &few).await;
    let (many, _) = search(&house, "availability=any").await;

    let at = |answer: &Answer, what: &str| answer.text().find(what);
    let (help, list) = (at(&few, "What would help"), at(&few, "<ol start"));
    assert!(help.is_some() && help < list, "{help:?} {list:?}");
    assert_eq!(at(&many, "What would help"), None);
}

#[tokio::test]
async fn a_value_of_a_facet_narrows_is_shown_and_is_taken_off_again() {
    let house = town().await;
    let (_, all) = search(&house, &format!("{BOND}&availability=any")).await;

    let free = "No charge (1)";
    let (_, narrowed) = search(&house, &all.press(free)).await;

    assert_eq!(narrowed.results(), ["Bond Clinic"]);
    assert!(
        !narrowed.texts("button").contains(&free),
        "it is chosen already"
    );
    let remove = "No charge × – show all again";
    let (_, again) = search(&house, &narrowed.press(remove)).await;
    assert_eq!(count_of(&again), count_of(&all));
}

#[tokio::test]
async fn filters_repeated_a_thousand_times_or_unknown_are_refused_once() {
    let house = town().await;
    let same = "filter=codes%3Dfee%3Afree&".repeat(500);
    let (_, narrowed) = search(&house, &format!("{same}{BOND}&availability=any")).await;
    assert_eq!(
        narrowed.results(),
        ["Bond Clinic"],
        "the same value is one filter"
    );

    let mut many = String::new();
    for n in 0..1_000 {
        let _infallible = write!(many, "filter=codes%3Dx-a%3A{n}&");
    }
    for typed in [
        many.as_str(),
        "filter=secret%3D1",
        "filter=",
        "filter=codes",
    ] {
        let answer = post(house.public, "/", &format!("{typed}&{BOND}")).await;

        assert_eq!(answer.status, 400);
        let page = page(&answer);
        let links = page.texts("li");
        assert_eq!(page.chosen("need"), Some("lc:bond"));
        assert!(
            links
                .iter()
                .filter(|fault| fault.contains("narrow"))
                .count()
                == 1
        );
    }
}

#[tokio::test]
async fn what_a_search_says_of_the_client_is_in_no_link_and_refused_in_one() {
    let house = town().await;
    let typed =
        format!("{BOND}&custody=det&age=17&immigration=asylee&nationality=HN&work_permit=before");

    let (posted, shown) = search(&house, &typed).await;
    let linked = get(house.public, &format!("/?{typed}")).await;

    for link in shown.all("a") {
        let href = link.attribute("href").unwrap();
        for told in ["custody", "age=", "immigration", "nationality", "permit"] {
            assert!(!href.contains(told), "{href}");
        }
    }
    assert_eq!(posted.header("cache-control"), Some("no-store"));
    assert_eq!(linked.status, 400);
    assert!(linked.text().contains("never in a link"));
}

#[tokio::test]
async fn a_search_where_nothing_helps_says_so() {
    let house = House::new().await;

    let (answer, shown) = search(&house, BOND).await;

    assert_eq!(shown.results(), Vec::<&str>::new());
    assert!(answer.text().contains("No single change would help"));
}

#[tokio::test]
async fn what_is_to_be_asked_stands_apart_from_why_a_result_is_there() {
    let house = town().await;

    let (silent, _) = search(&house, BOND).await;
    let (given, _) = search(&house, &format!("{BOND}&age=18")).await;

    assert!(
        silent
            .text()
            .contains("<p class=\"hint\">Ask about age</p>")
    );
    assert!(given.text().contains("age fits") && !given.text().contains("Ask about age"));
}

#[tokio::test]
async fn a_facet_that_tells_no_results_apart_is_not_shown() {
    let house = town().await;

    let (_, shown) = search(&house, &format!("{BOND}&access=in_person&availability=any")).await;

    let headings = shown.texts("h3");
    assert!(headings.contains(&"Who has room"), "{headings:?}");
    assert!(!headings.contains(&"How to reach them"), "{headings:?}");
}

/// What is in a field of the form.
fn held<'a>(page: &'a Page, field: &str) -> Option<&'a str> {
    page.id(field)?.attribute("value")
}

#[tokio::test]
async fn where_nothing_helps_there_is_still_something_to_do() {
    let house = House::new().await;
    let (answer, shown) = search(&house, &format!("{BOND}&age=17")).await;

    assert!(answer.text().contains("/pack?near=Dilley%2C+TX"));
    for (button, field, value) in [
        (
            "Show all, also full, paused and unconfirmed ones",
            "availability",
            "any",
        ),
        (
            "By phone or video, from anywhere in the country",
            "access",
            "remote",
        ),
        (
            "Search more widely for “Immigration lawyer or legal help”",
            "need",
            "dom:leg",
        ),
    ] {
        let (_, after) = search(&house, &shown.press(button)).await;

        assert_eq!(after.chosen(field), Some(value), "{button}");
        assert_eq!(held(&after, "age"), Some("17"), "{button}");
    }
}

#[tokio::test]
async fn a_value_that_every_result_has_is_not_offered() {
    let house = town().await;

    let (_, shown) = search(&house, "availability=any").await;

    let total: usize = count_of(&shown).parse().unwrap();
    let buttons = shown.texts("button").into_iter();
    let counts =
        buttons.filter_map(|text| text.rsplit_once('(')?.1.strip_suffix(')')?.parse().ok());
    let counts: Vec<usize> = counts.collect();
    assert!(
        !counts.is_empty() && counts.iter().all(|count| *count < total),
        "{counts:?} of {total}"
    );
}

#[tokio::test]
async fn a_place_that_may_be_several_is_chosen_by_a_button_that_keeps_the_rest() {
    let house = House::new().await;
    for path in ["/", "/travel"] {
        let typed = "need=dom%3Ahou&near=Springfield&age=17";
        let asked = post(house.public, path, typed).await;
        assert_eq!(asked.status, 400);

        let button = "Springfield, IL";
        let answer = post(house.public, path, &page(&asked).press(button)).await;

        assert_eq!(answer.status, 200, "{path}");
        let after = page(&answer);
        assert_eq!(
            (held(&after, "near"), held(&after, "age")),
            (Some(button), Some("17")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_page_says_in_the_same_words_who_is_signed_in() {
    let house = House::new().await;

    for path in ["/", "/travel", "/coverage", "/pack", "/no-such-page"] {
        let answer = get(house.public, path).await;
        assert!(
            answer.text().contains("<a href=\"/account\">Sign in</a>"),
            "{path}"
        );
    }
}
