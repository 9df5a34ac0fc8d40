//! Every page says every kind of amount, and stays small.

use askama::Template;
use referral_core::coverage::{Measure, Rings};
use referral_core::geo::{CountyFips, Kilometres};

use super::ask::Ask;
use super::{brief, county, page, samples, trend};

fn measures() -> [Measure; 7] {
    let within = Kilometres::new(96.6).unwrap();
    [
        Measure::NearestOpen,
        Measure::CoverageAt(within),
        Measure::KCoverage {
            organizations: 2,
            within,
        },
        Measure::Catchment(Rings::default()),
        Measure::PeoplePerPlace,
        Measure::DeadEnds,
        Measure::TimeToFirstOpen,
    ]
}

fn html(query: &str, measure: Measure) -> String {
    let report = samples::report(measure);
    let demands = [report.demand.clone()];
    page::Page::found(Ask::read(Some(query)), &demands, &report)
        .render()
        .unwrap()
}

#[test]
fn every_measure_has_a_page_for_the_country_and_for_a_state() {
    for measure in measures() {
        let country = html("need=lc:bond", measure.clone());
        let state = html("need=lc:bond&state=TX", measure.clone());

        assert_eq!(country.matches("<tr>").count(), 57, "{measure:?}");
        assert_eq!(state.matches("<tr>").count(), 255, "{measure:?}");
    }
}

#[test]
fn the_national_map_has_a_link_for_each_state_and_the_state_map_for_each_county() {
    let links = |html: &str| {
        let (_, map) = html.split_once("class=\"map\"").unwrap();
        let (map, _) = map.split_once("</svg>").unwrap();
        map.matches("<a href").count()
    };

    assert_eq!(links(&html("", Measure::NearestOpen)), 56);
    assert_eq!(links(&html("state=MD", Measure::NearestOpen)), 24);
}

#[test]
fn what_providers_call_themselves_is_text() {
    let report = samples::report(Measure::NearestOpen);
    let miami = CountyFips::from_number(12_086).unwrap();

    let html = county::Page::of(&Ask::read(None), &report, miami)
        .unwrap()
        .render()
        .unwrap();

    assert!(html.contains("Detention project &#60;b&#62;"), "{html}");
    assert!(!html.contains("<b>"));
}

#[test]
fn a_county_without_people_says_so() {
    let report = samples::report(Measure::NearestOpen);
    let islands = CountyFips::from_number(69_085).unwrap();

    let html = county::Page::of(&Ask::read(None), &report, islands)
        .unwrap()
        .render()
        .unwrap();

    assert!(html.contains("Nobody in the table of demand lives here"));
}

#[test]
fn a_code_of_no_county_has_no_page() {
    let report = samples::report(Measure::NearestOpen);

    assert!(
        county::Page::of(
            &Ask::read(None),
            &report,
            CountyFips::from_number(24_999).unwrap()
        )
        .is_none()
    );
}

#[test]
fn no_page_has_a_style_or_script_of_its_own() {
    let report = samples::report(Measure::NearestOpen);
    let weeks = samples::weeks();
    let ask = || Ask::read(Some("need=lc:bond"));
    for html in [
        html("", Measure::NearestOpen),
        brief::Page::of(&ask(), &report).render().unwrap(),
        trend::Page::of(&ask(), &report, &weeks).render().unwrap(),
    ] {
        assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains("<script"));
    }
}

#[test]
fn a_trend_draws_the_line_and_the_band() {
    let report = samples::report(Measure::NearestOpen);

    let html = trend::Page::of(&Ask::read(None), &report, &samples::weeks());

    let html = html.render().unwrap();
    assert_eq!(html.matches("class=\"chart\"").count(), 2);
    assert_eq!(html.matches("<tr>").count(), 4);
    assert!(
        html.contains("60 miles on 9 November 2026, 95 miles on 22 November 2026"),
        "{html}"
    );
}
