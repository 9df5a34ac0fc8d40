//! Every real service is found by its name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use referral_core::catalog::Listing;
use referral_core::id::RecordKey;
use referral_core::text::{Name, Text, fold};

use crate::support::{NOW, asking, filled, listing};

fn data() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one way to tell tests where the real data is"
    )]
    let told = std::env::var("REFERRAL_DATA").ok().map(PathBuf::from);
    let data =
        told.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    data.is_dir().then_some(data)
}

/// The services of a table, whose columns are called `id`, `name`, `description` and, where it has
/// one, `organization`.
fn read(file: &Path, prefix: &str, columns: [&str; 4]) -> Vec<Listing> {
    let mut rows = csv::Reader::from_path(file).unwrap();
    let titles = rows.headers().unwrap().clone();
    let at = columns.map(|title| titles.iter().position(|named| named == title));
    let rows = rows.records().map(Result::unwrap);
    rows.map(|row| {
        let [id, called, description, organization] = at.map(|at| at.map_or("", |at| &row[at]));
        let mut listing = listing(&format!("{prefix}-{id}"), called);
        listing.service.description = Text::parse(description).ok();
        if let Ok(name) = Name::parse(organization) {
            listing.organization.name = name;
        }
        listing
    })
    .collect()
}

#[test]
fn every_real_service_is_found_first_by_its_exact_name() {
    let Some(data) = data() else {
        eprintln!("SKIPPED: no real data; set REFERRAL_DATA to its directory");
        return;
    };
    let baltimore = data.join("baltimore-community/services.csv");
    let mut listings = read(&baltimore, "bal", ["id", "name", "description", "-"]);
    let florida = data.join("florida-legal-aid/services.csv");
    let columns = [
        "service_uuid",
        "service_name",
        "service_description",
        "organization_name",
    ];
    listings.extend(read(&florida, "fl", columns));
    assert!(listings.len() > 2_000, "{}", listings.len());
    let (_dir, index) = filled(&listings);

    let mut called: HashMap<String, HashSet<RecordKey>> = HashMap::new();
    for listing in &listings {
        for name in [&listing.service.name, &listing.organization.name] {
            let same = called.entry(fold(name.as_str())).or_default();
            same.insert(listing.key());
        }
    }

    for listing in &listings {
        let name = listing.service.name.as_str();
        let answer = index.search(&asking(name), NOW).unwrap();

        let same = called[&fold(name)].len();
        assert!(answer.total >= same, "{name}: {} of {same}", answer.total);
        let first = answer.hits.iter().take(same);
        let first: HashSet<RecordKey> = first.map(|hit| hit.key.clone()).collect();
        assert!(
            first.is_subset(&called[&fold(name)]),
            "{name} comes after others"
        );
        let shown = same <= answer.hits.len();
        assert!(
            !shown || first.contains(&listing.key()),
            "{name} is missing"
        );
    }
    println!("{} services asked for by name", listings.len());
}
