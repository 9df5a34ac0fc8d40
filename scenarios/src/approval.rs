//! What an operator does before an agency of the synthetic network may offer legal help, shelter and medicine.
//!
//! Two invented people look at invented evidence. A real directory's operators do the same with
//! `directory-server agency grant`; nothing here goes around that.

use directory_server::operations::{DecisionRefused, Directory};
use jiff::{SignedDuration, Timestamp};
use referral_core::catalog::Category;
use referral_core::id::AgencyId;
use referral_core::policy::Viewer;

/// Who looks at the evidence, in this order.
pub const PEOPLE: [&str; 2] = ["First Operator", "Second Operator"];
/// The evidence they look at.
pub const EVIDENCE: &str = "synthetic network: no real licence";
/// How long what they grant lasts.
const LASTS: SignedDuration = SignedDuration::from_hours(300 * 24);

/// Grants an agency every category, by two people.
///
/// # Errors
/// When the directory refuses.
pub async fn approve(directory: &Directory, agency: &AgencyId) -> Result<(), DecisionRefused> {
    let (now, operator) = (directory.now(), Viewer::at_the_machine());
    let end = now.saturating_add(LASTS).unwrap_or(Timestamp::MAX);
    for category in Category::ALL {
        for person in PEOPLE {
            let decided =
                directory.grant(&operator, agency.clone(), category, EVIDENCE, end, person);
            decided.await?;
        }
    }
    Ok(())
}

/// The same as arguments of `directory-server agency`, one list for each command, the data directory left
/// out.
///
/// * `now` — the grants last for most of a year from then on.
#[must_use]
pub fn commands(agency: &str, now: Timestamp) -> Vec<Vec<String>> {
    let end = now.saturating_add(LASTS).unwrap_or(Timestamp::MAX);
    let day = end.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let of_one = |category: Category, person: &str| {
        let words = [
            "grant",
            agency,
            category.as_str(),
            "--evidence",
            EVIDENCE,
            "--expires",
            &day,
            "--by",
            person,
        ];
        words.map(str::to_owned).to_vec()
    };
    let all = Category::ALL.into_iter();
    all.flat_map(|category| PEOPLE.map(|person| of_one(category, person)))
        .collect()
}
