//! The files as a spreadsheet program opens them: Gnumeric's `ssconvert`, which `./test` installs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use referral_core::feedback::{Place, Table};
use referral_core::tally::Week;

use super::*;
use crate::operations::TrendPoint;

/// What formulas begin with, in the spellings that programs take for it.
const HOSTILE: [&str; 22] = [
    "=1+1",
    "=HYPERLINK(\"http://evil.example\",\"Aid\")",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "  +1+1",
    "'=1+1",
    "''=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "\"=1+1",
    ",=1+1",
    ";=1+1",
    "a\r\n=1+1",
    "\u{a0}=1+1",
];

/// The cells of a file: whether each is a formula, and its text. `None` where the program is not here.
fn opened(csv: &str) -> Option<Vec<(bool, String)>> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("export.csv"), folder.path().join("seen"));
    std::fs::write(&from, csv).unwrap();
    let said = match convert(&from, &to, folder.path()) {
        Ok(said) => said,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("SKIPPED: ssconvert is not here; install gnumeric to open the exports");
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(said.status.success(), "{said:?}");
    let cells = std::fs::read_to_string(to).unwrap();
    let cells = cells.split("<gnm:Cell ").skip(1).map(|cell| {
        let (attributes, rest) = cell.split_once('>').unwrap();
        let (text, _) = rest.split_once("</gnm:Cell>").unwrap_or_default();
        // A value has a type; a formula has none, or refers to another one.
        (!attributes.contains("ValueType="), text.to_owned())
    });
    Some(cells.collect())
}

fn convert(from: &Path, to: &Path, home: &Path) -> std::io::Result<std::process::Output> {
    Command::new("ssconvert")
        .args(["--export-type=Gnumeric_XmlIO:sax:0"])
        .args([from, to])
        .env("HOME", home)
        .env("LC_ALL", "C.UTF-8")
        .output()
}

/// Every file there is in CSV, with this text wherever a text of others can stand. What can be no name stands in a table.
fn exports(text: &str) -> Vec<String> {
    let mut alone = csv::Table::new(2);
    alone.row(["text".to_owned(), "text".to_owned()]);
    alone.row([guarded(text), guarded(text)]);
    let mut files = vec![alone.text];
    if Name::parse(text).is_ok() {
        let whole = report(text);
        let point = Arc::new(TrendPoint {
            at: "2026-11-22T12:00:00Z".parse().unwrap(),
            summary: whole.summary.clone(),
            supply: whole.supply,
            counties: Vec::new(),
        });
        files.push(Form::Csv.write(&whole, None));
        files.push(trend(Form::Csv, &whole, &[point]).unwrap());
    }
    files
}

/// How referrals went: nobody else's text is in it, but words of ours.
fn how_referrals_went() -> String {
    let place = Place {
        topic: Topic::Any,
        state: None,
    };
    let week = Week::of("2026-11-22T12:00:00Z".parse().unwrap());
    let cells = BTreeMap::from([(place, [Some(11); 4])]);
    let table = Arc::new(Table { week, cells });
    outcomes(Form::Csv, &BTreeMap::from([(week, table)])).unwrap()
}

#[test]
fn a_spreadsheet_program_finds_no_formula_in_any_export() {
    // It does look for them.
    let Some(bare) = opened("name\r\n=1+1\r\n\"=HYPERLINK(\"\"x\"\")\"\r\n") else {
        return;
    };
    let formulas = bare.iter().filter(|(formula, _)| *formula).count();
    assert_eq!(formulas, 2, "{bare:?}");

    let named = HOSTILE.iter().filter(|text| Name::parse(text).is_ok());
    assert!(named.count() > 10, "most are names, too");
    let ours = opened(&how_referrals_went()).unwrap();
    assert!(ours.iter().all(|(formula, _)| !formula), "{ours:?}");
    for text in HOSTILE {
        for file in exports(text) {
            let cells = opened(&file).unwrap();
            assert!(cells.len() > 3, "{text:?}: it was read");
            let formula = cells.iter().find(|(formula, _)| *formula);
            assert_eq!(formula, None, "{text:?}");
        }
    }
}
