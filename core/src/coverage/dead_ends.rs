//! The share of searches that ended with nothing open, as far as published.

use crate::coverage::{Amount, Figure, Quantity, SearchLine};
use crate::geo::CountyFips;
use crate::search::{Need, Request};
use crate::tally::{Ending, Frozen, PoolPlace, Published, Told, Topic, TopicTable, Within};

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

    fn figure(&self, country: &Country<'_>, counties: &[usize]) -> Figure {
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

/// How the searches for a county ended, as far as published.
pub(super) fn lines(searches: &Frozen, about: About<'_>, county: CountyFips) -> Vec<SearchLine> {
    let topics = searches.topics.iter();
    topics
        .filter(|(topic, _)| about.includes(topic))
        .flat_map(|(topic, table)| lines_of(topic, table, county))
        .collect()
}

fn lines_of(topic: &Topic, table: &TopicTable, county: CountyFips) -> Vec<SearchLine> {
    let Some(told) = table.cells.get(&Some(county)) else {
        return Vec::new();
    };
    let together = |pool: &&crate::tally::Pool| pool.place == PoolPlace::County(county);
    let together = table.pools.iter().find(together);
    let pooled = together
        .map(crate::tally::Pool::endings)
        .unwrap_or_default();
    let line = |endings, count| SearchLine {
        topic: topic.clone(),
        endings,
        count,
    };
    let single = Ending::ALL.into_iter().zip(told);
    let single =
        single.filter(|(ending, count)| **count != Published::Count(0) && !pooled.contains(ending));
    let mut lines: Vec<SearchLine> = single
        .map(|(ending, count)| line(vec![ending], *count))
        .collect();
    let together = together.map(|pool| Published::Count(pool.count));
    lines.extend(together.map(|count| line(pooled.clone(), count)));
    lines
}
