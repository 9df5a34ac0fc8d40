//! Names that nobody can turn back into people: keyed hashes whose keys are thrown away.
//!
//! A person has another name for every service and day, an organization another one every week. The keys are in a file
//! of their own, which is in no backup, so that a tap can be replaced after a restart; once the day, or the week, is
//! over they are overwritten with the next.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::civil::Date;
use referral_core::id::{AgencyId, Hash, RecordKey, hex};
use referral_core::policy::AccountId;
use referral_core::tally::Week;
use referral_runtime::data_dir::write_secret;
use referral_runtime::tls::random;

/// The file's name in the data directory.
const FILE: &str = "feedback-keys";

/// A name that says nothing to who has not the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pseudonym(pub(super) [u8; 16]);

/// The keys in force.
pub(super) struct Names {
    path: PathBuf,
    keys: Option<Keys>,
}

#[derive(Clone, PartialEq, Eq)]
struct Keys {
    day: (Date, String),
    week: (Week, String),
}

impl Names {
    /// The keys in `data`. Where they cannot be read there are new ones: a tap of the same day then counts beside the
    /// one before.
    pub(super) fn open(data: &Path) -> Self {
        let path = data.join(FILE);
        let text = fs::read_to_string(&path).unwrap_or_default();
        Self {
            keys: read(&text),
            path,
        }
    }

    /// Makes the keys of a day, where it has none yet, and forgets those before.
    ///
    /// # Errors
    /// What the disk says, and when the system gives no random numbers.
    pub(super) fn begin(&mut self, day: Date, week: Week) -> io::Result<()> {
        let known = self.keys.as_ref();
        if known.is_some_and(|keys| keys.day.0 == day) {
            return Ok(());
        }
        let of_week = known
            .map(|keys| &keys.week)
            .filter(|(known, _)| *known == week);
        let keys = Keys {
            day: (day, secret()?),
            week: match of_week {
                Some(kept) => kept.clone(),
                None => (week, secret()?),
            },
        };
        let ((day, of_day), (week, of_week)) = (&keys.day, &keys.week);
        let text = format!("day {day} {of_day}\nweek {week} {of_week}\n");
        write_secret(&self.path, text.as_bytes())?;
        self.keys = Some(keys);
        Ok(())
    }

    /// What a person is called today where they speak of this service; none before a day has begun.
    pub(super) fn person(&self, account: &AccountId, service: &RecordKey) -> Option<Pseudonym> {
        let (_, key) = &self.keys.as_ref()?.day;
        let (agency, id) = (service.agency.as_str(), service.id.as_str());
        Some(Pseudonym::of(&[
            "person",
            key,
            account.as_str(),
            agency,
            id,
        ]))
    }

    /// What an organization is called this week. People whose account says none are one organization together.
    pub(super) fn organization(&self, agency: Option<&AgencyId>) -> Option<Pseudonym> {
        let (_, key) = &self.keys.as_ref()?.week;
        let agency = agency.map_or("", AgencyId::as_str);
        Some(Pseudonym::of(&["organization", key, agency]))
    }
}

impl Pseudonym {
    fn of(parts: &[&str]) -> Self {
        // None of the parts holds a line end: no two lists of them are the same bytes.
        let joined = parts.join("\n");
        let hash = Hash::of(&[joined.as_bytes()]);
        let mut name = [0; 16];
        name.copy_from_slice(&hash.as_bytes()[..16]);
        Self(name)
    }

    /// Reads what [`Pseudonym`] is written as.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        let number = u128::from_str_radix(text, 16).ok()?;
        Some(Self(number.to_be_bytes()))
    }
}

impl std::fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names(..)")
    }
}

fn secret() -> io::Result<String> {
    let bytes = random::<32>().map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

fn read(text: &str) -> Option<Keys> {
    let mut lines = text.lines().map(|line| line.split(' '));
    let (mut day, mut week) = (lines.next()?, lines.next()?);
    let is = |part: Option<&str>, name| part.filter(|part| *part == name).map(drop);
    let key = |part: Option<&str>| part.filter(|key| key.len() == 64).map(str::to_owned);
    is(day.next(), "day")?;
    is(week.next(), "week")?;
    Some(Keys {
        day: (day.next()?.parse().ok()?, key(day.next())?),
        week: (Week::parse(week.next()?).ok()?, key(week.next())?),
    })
}

#[cfg(test)]
mod tests {
    use referral_core::id::{Kind, LocalId};
    use tempfile::TempDir;

    use super::*;

    fn service(id: &str) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(id).unwrap(),
        }
    }

    fn begun(data: &TempDir, day: &str, week: &str) -> Names {
        let mut names = Names::open(data.path());
        let week = Week::parse(week).unwrap();
        names.begin(day.parse().unwrap(), week).unwrap();
        names
    }

    #[test]
    fn a_person_has_one_name_for_a_service_and_day_and_no_other() {
        let data = TempDir::new().unwrap();
        let (ana, ben) = (AccountId::of(1), AccountId::of(2));
        let name = |names: &Names, who, of| names.person(who, &service(of)).unwrap();
        let names = begun(&data, "2026-11-21", "2026-W47");
        let first = name(&names, &ana, "a");
        let again = begun(&data, "2026-11-21", "2026-W47");
        assert_eq!(name(&again, &ana, "a"), first);
        assert_ne!(name(&again, &ana, "b"), first);
        assert_ne!(name(&again, &ben, "a"), first);

        let later = begun(&data, "2026-11-22", "2026-W47");

        assert_ne!(name(&later, &ana, "a"), first);
    }

    #[test]
    fn an_organization_keeps_its_name_for_a_week() {
        let data = TempDir::new().unwrap();
        let hope = AgencyId::parse("hope").unwrap();
        let of = |names: &Names| names.organization(Some(&hope));
        let first = of(&begun(&data, "2026-11-21", "2026-W47"));
        assert_eq!(of(&begun(&data, "2026-11-22", "2026-W47")), first);

        assert_ne!(of(&begun(&data, "2026-11-23", "2026-W48")), first);
    }

    #[test]
    fn keys_of_a_day_that_is_over_are_nowhere() {
        let data = TempDir::new().unwrap();
        drop(begun(&data, "2026-11-21", "2026-W47"));
        let before = fs::read_to_string(data.path().join(FILE)).unwrap();
        drop(begun(&data, "2026-11-23", "2026-W48"));

        let now = fs::read_to_string(data.path().join(FILE)).unwrap();

        for key in before.split_whitespace().filter(|word| word.len() == 64) {
            assert!(!now.contains(key));
        }
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_pseudonym_is_read_as_it_is_written() {
        let name = Pseudonym::of(&["a", "b"]);
        assert_eq!(Pseudonym::parse(&name.to_string()), Some(name));
        assert_eq!(Pseudonym::parse("zz"), None);
    }
}
