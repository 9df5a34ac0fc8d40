//! What services are for: how many of each kind there are, and how full they are.

use super::dice::{Dice, weighted};

/// What a service is for. The order is that of the table of shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceKind {
    /// Legal help in immigration matters.
    ImmigrationLegal,
    /// Other civil legal help.
    OtherLegal,
    /// Mental health and psychosocial support.
    MentalHealth,
    /// Housing and shelter.
    Housing,
    /// Vocational services and English classes.
    Vocational,
    /// Medical care.
    Health,
    /// Food, cash and other basic needs.
    BasicNeeds,
    /// Case management and orientation.
    CaseManagement,
    /// Return and reintegration partners in countries of origin.
    Reintegration,
    /// Everything else: interpretation, school enrolment, training for agencies.
    Other,
}

/// Whether a service takes people, before anybody says in which words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Situation {
    /// It takes people now.
    Accepting,
    /// It puts them on a list, or sees them first.
    Waitlist,
    /// It takes nobody.
    Closed,
    /// Nobody knows.
    Unknown,
}

/// One row of the table: shares in percent.
struct Row {
    kind: ServiceKind,
    /// Of all services in an immigrant-serving network of about 10,000.
    share_10k: f64,
    /// Of all services in the national platform of about 1,000,000.
    share_1m: f64,
    /// Accepting, waitlist, closed, unknown.
    situations: [f64; 4],
}

/// Assumptions throughout: no source gives the share of providers at capacity.
const TABLE: [Row; 10] = [
    row(ServiceKind::ImmigrationLegal, 25.0, 0.6, [30, 35, 28, 7]),
    row(ServiceKind::OtherLegal, 5.0, 3.0, [45, 30, 18, 7]),
    row(ServiceKind::MentalHealth, 12.0, 14.0, [42, 36, 12, 10]),
    row(ServiceKind::Housing, 12.0, 11.0, [18, 42, 33, 7]),
    row(ServiceKind::Vocational, 14.0, 9.0, [68, 18, 6, 8]),
    row(ServiceKind::Health, 8.0, 18.0, [65, 18, 5, 12]),
    row(ServiceKind::BasicNeeds, 8.0, 17.0, [85, 5, 5, 5]),
    row(ServiceKind::CaseManagement, 10.0, 6.0, [45, 30, 15, 10]),
    row(ServiceKind::Reintegration, 2.0, 0.02, [50, 20, 15, 15]),
    row(ServiceKind::Other, 4.0, 21.0, [70, 12, 8, 10]),
];

const fn row(kind: ServiceKind, share_10k: f64, share_1m: f64, percent: [u8; 4]) -> Row {
    let [accepting, waitlist, closed, unknown] = percent;
    Row {
        kind,
        share_10k,
        share_1m,
        situations: [
            accepting as f64,
            waitlist as f64,
            closed as f64,
            unknown as f64,
        ],
    }
}

impl ServiceKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::ImmigrationLegal,
        Self::OtherLegal,
        Self::MentalHealth,
        Self::Housing,
        Self::Vocational,
        Self::Health,
        Self::BasicNeeds,
        Self::CaseManagement,
        Self::Reintegration,
        Self::Other,
    ];

    /// The kind's share of all services, 0..=1. `breadth` 0 is an immigrant-serving network, 1 the
    /// whole national platform, between them a mixture (assumption).
    #[must_use]
    pub fn share(self, breadth: f64) -> f64 {
        let mixed = |row: &Row| row.share_10k * (1.0 - breadth) + row.share_1m * breadth;
        let total: f64 = TABLE.iter().map(mixed).sum();
        mixed(self.row()) / total
    }

    /// How many of its services are in each situation, 0..=1 each.
    #[must_use]
    pub fn situations(self) -> [(f64, Situation); 4] {
        let [accepting, waitlist, closed, unknown] = self.row().situations;
        [
            (accepting / 100.0, Situation::Accepting),
            (waitlist / 100.0, Situation::Waitlist),
            (closed / 100.0, Situation::Closed),
            (unknown / 100.0, Situation::Unknown),
        ]
    }

    /// Whether it is found where immigrants live, rather than where people live.
    pub(crate) fn is_for_immigrants(self) -> bool {
        matches!(
            self,
            Self::ImmigrationLegal | Self::CaseManagement | Self::Reintegration
        )
    }

    pub(crate) fn draw(dice: &mut Dice, breadth: f64) -> Self {
        *weighted(dice, &Self::ALL.map(|kind| (kind.share(breadth), kind)))
    }

    fn row(self) -> &'static Row {
        TABLE
            .iter()
            .find(|row| row.kind == self)
            .unwrap_or(&TABLE[0])
    }

    /// Reads the kind's name in `offerings.tsv` and `sentences.tsv`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "immigration" => Self::ImmigrationLegal,
            "legal" => Self::OtherLegal,
            "mental" => Self::MentalHealth,
            "housing" => Self::Housing,
            "work" => Self::Vocational,
            "health" => Self::Health,
            "needs" => Self::BasicNeeds,
            "cases" => Self::CaseManagement,
            "return" => Self::Reintegration,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_situations_are_parts_of_a_whole() {
        for breadth in [0.0, 0.4, 1.0] {
            let total: f64 = ServiceKind::ALL
                .map(|kind| kind.share(breadth))
                .iter()
                .sum();
            assert!((total - 1.0).abs() < 1e-9, "{breadth}: {total}");
        }
        for kind in ServiceKind::ALL {
            let total: f64 = kind.situations().iter().map(|(share, _)| share).sum();
            assert!((total - 1.0).abs() < 1e-9, "{kind:?}: {total}");
        }
    }

    #[test]
    fn every_kind_has_a_row_of_its_own() {
        for kind in ServiceKind::ALL {
            assert_eq!(kind.row().kind, kind);
        }
    }
}
