//! `directory-server coverage ...` as people type it.

use std::process::Output;

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::commands::{fails, program};
use crate::support::House;
use crate::support::town::town;

async fn coverage(house: &House, arguments: &[&str]) -> Output {
    let mut command = program(&["coverage"]);
    command.args(arguments);
    command.args(["--server", &format!("http://{}", house.public)]);
    spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

async fn printed(house: &House, arguments: &[&str]) -> String {
    let output = coverage(house, arguments).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_report_is_printed_for_people_and_for_scripts() {
    let house = town().await;

    let text = printed(&house, &["report", "--need", "lc:bond"]).await;
    let json = printed(&house, &["report", "--need", "lc:bond", "--json"]).await;
    let csv = printed(&house, &["report", "--need", "lc:bond", "--format", "csv"]).await;

    for words in [
        "people: Residents",
        "providers match",
        "TX",
        "median",
        " mi",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let document: Value = serde_json::from_str(&json).unwrap();
    assert!(document["counties"].as_array().unwrap().len() > 3_000);
    assert!(csv.contains("Frio County"));
}

#[tokio::test]
async fn gaps_counties_weeks_and_what_if_are_verbs_of_their_own() {
    let house = town().await;

    let gaps = printed(&house, &["gaps", "--need", "lc:bond", "--most", "3"]).await;
    let county = printed(&house, &["county", "Frio County, TX", "--need", "lc:bond"]).await;
    let trend = printed(&house, &["trend", "--need", "lc:bond", "--weeks", "2"]).await;
    let what_if = printed(
        &house,
        &[
            "what-if",
            "--need",
            "lc:bond",
            "--measure",
            "coverage-at",
            "--add",
            "21202=5",
        ],
    )
    .await;

    assert!(gaps.lines().count() < 12 && gaps.contains("Guam"), "{gaps}");
    assert!(
        county.contains("Frio County, TX") && county.contains("nearest for"),
        "{county}"
    );
    assert_eq!(trend.lines().count(), 4, "{trend}");
    assert!(what_if.contains("with the places added"), "{what_if}");
    assert!(what_if.contains("Baltimore city, MD"), "{what_if}");
    let place = printed(&house, &["place", "--need", "lc:bond", "--providers", "2"]).await;
    assert!(place.contains("people who gain"), "{place}");
    assert_eq!(place.lines().count(), 3);
}

#[tokio::test]
async fn what_makes_no_question_ends_with_2_and_names_the_option() {
    for (arguments, word) in [
        (&["report", "--measure", "best"][..], "measure"),
        (&["report", "--as-of", "yesterday"][..], "as-of"),
        (&["county", "Nowhere County, TX"][..], "county"),
        (&["what-if", "--add", "21202"][..], "add"),
        (&["report", "--ring", "10"][..], "ring"),
    ] {
        fails(&[&["coverage"], arguments].concat(), 2, &[word]);
    }
    let house = House::new().await;
    let output = coverage(&house, &["report", "--need", "bond"]).await;
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("question.filter.need"), "{errors}");
}
