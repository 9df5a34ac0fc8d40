//! The share of searches that ended with nothing open, as far as published.

use crate::coverage::{Amount, Figure, Quantity};
use crate::geo::CountyFips;
use crate::search::{Need, Request};
use crate::tally::{Ending, Frozen, Published, Told, Topic, Within};

use super::country::Country;
use super::measured::Measured;

/// Dead-end rate = searches with nothing open / searches, of the topics a question is about. Where some of the
/// counts are not told the rate is withheld, and its bounds say what the untold cells of 1 to 10 leave open.
#[derive(Debug)]
pub(super) struct DeadEnds<'a> {
    searches: &'a Frozen,
    about: About<'a>,
}

/// Which topics a question is about: the codes of its need and the codes below them; without a need all.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a>(Option<&'a Need>);

impl<'a> About<'a> {
    pub(super) fn of(filter: &'a Request) -> Self {
        Self(filter.need.as_ref().filter(|need| !need.any_of.is_empty()))
    }

    fn includes(self, topic: &Topic) -> bool {
        match (self.0, topic) {
            (None, _) => true,
            (Some(need), Topic::Need(code)) => {
                let parent = code.parent();
                let asked = need.any_of.iter();
                let mut asked = asked.filter(|of| *of == code || parent.as_ref() == Some(of));
                asked.next().is_some()
            }
            (Some(_), Topic::Other | Topic::Any) => false,
        }
    }
}

impl<'a> DeadEnds<'a> {
    pub(super) fn of(searches: &'a Frozen, about: About<'a>) -> Self {
        Self { searches, about }
    }

    fn told(&self, within: Within<'_>) -> Told {
        let about = self.about;
        self.searches.told(|topic| about.includes(topic), within)
    }
}

impl Measured for DeadEnds<'_> {
    fn quantity(&self) -> Quantity {
        Quantity::Share
    }

    fn figure(&self, country: &Country, counties: &[usize]) -> Figure {
        let everywhere = counties.len() == country.counties.len();
        let codes = counties.iter().map(|at| country.counties[*at].county);
        let codes: Vec<CountyFips> = codes.collect();
        let within = if everywhere {
            Within::Everywhere
        } else {
            Within::Counties(&codes)
        };
        let told = self.told(within);
        let Some((lower, upper)) = told.dead_end_rate() else {
            return Figure::certain(Amount::None, 0);
        };
        let exact = told.open_least == told.open_most && told.dead_least == told.dead_most;
        let value = if exact {
            Amount::Number(lower)
        } else {
            Amount::Withheld
        };
        Figure {
            value,
            lower: Amount::Number(lower),
            upper: Amount::Number(upper),
            n: told.searches(),
        }
    }
}

/// How the searches for a county ended, over the topics a question is about: an ending is told where the counts of all
/// of these topics are, or where there is but one cell of 1 to 10.
pub(super) fn endings(
    searches: &Frozen,
    about: About<'_>,
    county: CountyFips,
) -> Vec<(Ending, Published)> {
    let topics = searches.topics.iter();
    let of_county = topics
        .filter(|(topic, _)| about.includes(topic))
        .filter_map(|(_, table)| table.cells.get(&Some(county)));
    let told: Vec<&[Published; 6]> = of_county.collect();
    let endings = Ending::ALL.into_iter().enumerate();
    endings
        .filter_map(|(at, ending)| {
            let published = told.iter().map(|numbers| numbers[at]);
            Some((ending, together(published)?))
        })
        .collect()
}

/// What may be told of several counts together.
fn together(counts: impl Iterator<Item = Published>) -> Option<Published> {
    let (mut sum, mut few) = (0, 0);
    for count in counts {
        match count {
            Published::Count(count) => sum += count,
            Published::Few => few += 1,
        }
    }
    match (sum, few) {
        (sum, 0) => Some(Published::Count(sum)),
        (0, 1) => Some(Published::Few),
        _ => None,
    }
}
