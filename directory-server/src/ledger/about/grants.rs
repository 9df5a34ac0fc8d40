//! Which categories of services an agency may offer, and who said so.
//!
//! A grant takes two people who say the same: the first proposes, a second approves. It has an end, at most
//! twelve months away, after which the agency's services in the category are held again.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use referral_core::catalog::Category;
use referral_core::text::{InvalidText, Name, fold};

/// The longest a grant may last: twelve months.
pub const LONGEST_GRANT: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A person who decides, as the operator named them: one line, at most 300 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person(Name);

/// What one person found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Where the evidence is: a bar number, an entry in a roster, a licence.
    pub evidence: String,
    /// The grant ends then.
    pub expires_at: Timestamp,
    /// Who looked at it.
    pub by: Person,
}

/// A category that two people granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What the first of them found good.
    pub proposal: Proposal,
    /// The second.
    pub approved_by: Person,
}

/// The grants of an agency, and what waits for a second person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// What is granted.
    pub granted: BTreeMap<Category, Grant>,
    /// What one person found good.
    pub proposed: BTreeMap<Category, Proposal>,
}

/// Why nothing was granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantRefused {
    /// No such agency.
    #[error("the directory knows no such agency: see `directory-server agency list`")]
    Unknown,
    /// It ends too late, or has ended.
    #[error("a grant ends between tomorrow and twelve months from now")]
    Expiry,
    /// The same person a second time.
    #[error(
        "the person who proposed a grant cannot approve it: a second person has to look at the evidence"
    )]
    SamePerson,
    /// The two people do not mean the same.
    #[error(
        "another evidence or end was proposed for this category: look at `directory-server agency grants`, \
         say the same, or revoke that first"
    )]
    Differs,
    /// There is nothing to revoke.
    #[error("nothing of this category is granted or proposed")]
    Nothing,
    /// Nothing was written.
    #[error(transparent)]
    NotWritten(#[from] crate::ledger::NotWritten),
}

impl Person {
    /// Reads a person's name.
    ///
    /// # Errors
    /// [`InvalidText`].
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        Ok(Self(Name::parse(text)?))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this is the same person, however the name was typed.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        fold(self.as_str()) == fold(other.as_str())
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Grants {
    /// Whether a category is granted.
    #[must_use]
    pub fn has(&self, category: Category) -> bool {
        self.granted.contains_key(&category)
    }

    /// What becomes of a person's word that the evidence is good: false, it is the first and waits for a
    /// second; true, it is the second.
    ///
    /// # Errors
    /// [`GrantRefused`].
    pub fn judge(
        &self,
        category: Category,
        said: &Proposal,
        now: Timestamp,
    ) -> Result<bool, GrantRefused> {
        let latest = now.saturating_add(LONGEST_GRANT).unwrap_or(Timestamp::MAX);
        if said.expires_at <= now || said.expires_at > latest {
            return Err(GrantRefused::Expiry);
        }
        let Some(first) = self.proposed.get(&category) else {
            return Ok(false);
        };
        if first.evidence != said.evidence || first.expires_at != said.expires_at {
            return Err(GrantRefused::Differs);
        }
        if first.by.is(&said.by) {
            return Err(GrantRefused::SamePerson);
        }
        Ok(true)
    }

    /// The grants that have come to their end.
    pub fn lapsed(&self, now: Timestamp) -> impl Iterator<Item = Category> {
        let over = move |(_, grant): &(&Category, &Grant)| grant.proposal.expires_at <= now;
        self.granted
            .iter()
            .filter(over)
            .map(|(category, _)| *category)
    }

    /// A first person found the evidence good.
    pub fn propose(&mut self, category: Category, proposal: Proposal) {
        self.proposed.insert(category, proposal);
    }

    /// A second one did.
    pub fn approve(&mut self, category: Category, approved_by: Person) {
        if let Some(proposal) = self.proposed.remove(&category) {
            let grant = Grant {
                proposal,
                approved_by,
            };
            self.granted.insert(category, grant);
        }
    }

    /// It is over: revoked, or lapsed.
    pub fn end(&mut self, category: Category) {
        self.granted.remove(&category);
    }

    /// Nobody stands by a proposal any more.
    pub fn drop_proposal(&mut self, category: Category) {
        self.proposed.remove(&category);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(days * 86_400).unwrap()
    }

    fn said(by: &str, evidence: &str, days: i64) -> Proposal {
        Proposal {
            evidence: evidence.to_owned(),
            expires_at: at(days),
            by: Person::parse(by).unwrap(),
        }
    }

    #[test]
    fn two_people_who_say_the_same_grant_a_category() {
        let mut grants = Grants::default();
        let first = said("Ana Ruiz", "bar 12", 300);
        assert!(!grants.judge(Category::Legal, &first, at(0)).unwrap());
        grants.propose(Category::Legal, first);
        assert!(!grants.has(Category::Legal));

        let second = said("Bo Lindqvist", "bar 12", 300);
        assert!(grants.judge(Category::Legal, &second, at(0)).unwrap());
        grants.approve(Category::Legal, second.by);

        assert!(grants.has(Category::Legal));
        assert!(!grants.has(Category::Shelter));
    }

    #[test]
    fn one_person_cannot_be_two_however_the_name_is_typed() {
        let mut grants = Grants::default();
        grants.propose(Category::Legal, said("Ana Ruiz", "bar 12", 300));

        for same in ["Ana Ruiz", "ana  ruiz", "ANA RUÍZ", " Ana Ruiz "] {
            let refused = grants.judge(Category::Legal, &said(same, "bar 12", 300), at(0));

            assert!(matches!(refused, Err(GrantRefused::SamePerson)), "{same}");
        }
    }

    #[test]
    fn two_people_who_say_different_things_grant_nothing() {
        let mut grants = Grants::default();
        grants.propose(Category::Legal, said("Ana", "bar 12", 300));

        for other in [said("Bo", "bar 13", 300), said("Bo", "bar 12", 301)] {
            let refused = grants.judge(Category::Legal, &other, at(0));

            assert!(matches!(refused, Err(GrantRefused::Differs)));
        }
    }

    #[test]
    fn a_grant_lasts_twelve_months_at_the_most() {
        let grants = Grants::default();

        assert!(
            grants
                .judge(Category::Legal, &said("Ana", "x", 366), at(0))
                .is_ok()
        );
        for days in [0, -1, 367] {
            let refused = grants.judge(Category::Legal, &said("Ana", "x", days), at(0));

            assert!(matches!(refused, Err(GrantRefused::Expiry)), "{days}");
        }
    }

    #[test]
    fn a_grant_lapses_at_its_end() {
        let mut grants = Grants::default();
        grants.propose(Category::Medical, said("Ana", "x", 10));
        grants.approve(Category::Medical, Person::parse("Bo").unwrap());

        assert_eq!(grants.lapsed(at(9)).count(), 0);
        assert_eq!(
            grants.lapsed(at(10)).collect::<Vec<_>>(),
            [Category::Medical]
        );
    }
}
