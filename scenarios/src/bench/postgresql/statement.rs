//! A question as SQL. The text depends on which parts are asked for, never on their values, so that each
//! form is prepared once.

use std::fmt::Write;

use jiff::Timestamp;
use postgres::types::ToSql;

use super::super::question::{Around, Question, Word};
use super::super::tokens::Token;
use super::super::weights::Weights;

/// Radius of the sphere PostGIS measures on, in metres: (2a + b) / 3 of WGS 84.
const SPHERE_M: f64 = 6_371_008.771_415_059;
/// Radius of the sphere `core::geo` measures on, in metres.
const OURS_M: f64 = 6_371_008.8;
/// Metres in a mile.
const MILE_M: f64 = 1_609.344;

/// A value of any type.
pub(super) type Value = Box<dyn ToSql + Sync>;

/// SQL with its values.
#[derive(Debug)]
pub(super) struct Statement {
    /// The text.
    pub(super) sql: String,
    /// Values of `$1`, `$2` and so on.
    pub(super) values: Vec<Value>,
}

/// A distance of `core::geo` in kilometres as PostGIS measures it, in metres.
#[must_use]
pub(super) fn metres(km: f64) -> f64 {
    km * 1_000.0 * SPHERE_M / OURS_M
}

/// A question as SQL at `now`; `widest_m` is the greatest radius that any offer serves.
#[must_use]
pub(super) fn statement(
    asked: &Question,
    weights: &Weights,
    now: Timestamp,
    widest_m: f64,
) -> Statement {
    let mut maker = Maker {
        values: Vec::new(),
        weights,
        facets: asked.facets,
    };
    let clock = maker.value(now.as_second());
    let fixed = maker.filters(asked);
    let relevance = maker.relevance(&asked.words);
    let score = maker.score(asked, relevance.as_deref(), &clock);
    let words = relevance.map(|query| format!(" AND words @@ {query}::text::tsquery"));
    let fixed = fixed + words.as_deref().unwrap_or_default();
    let branches = maker.branches(asked, &fixed, &score, widest_m);
    let limit = maker.value(i64::from(asked.limit));
    let facets = if asked.facets {
        ", f AS (SELECT token, count(*) AS n FROM (SELECT DISTINCT service, unnest(facets) AS token \
         FROM m) AS d GROUP BY token)"
    } else {
        ""
    };
    let counts = if asked.facets {
        "ARRAY(SELECT token FROM f), ARRAY(SELECT n FROM f)"
    } else {
        "'{}'::int[], '{}'::bigint[]"
    };
    let sql = format!(
        "WITH m AS MATERIALIZED ({branches}), \
         s AS MATERIALIZED (SELECT service, min(turn) AS turn, max(score) AS score FROM m GROUP BY service), \
         top AS MATERIALIZED (SELECT * FROM s ORDER BY {ORDER} LIMIT {limit}){facets} \
         SELECT (SELECT count(*) FROM s), ARRAY(SELECT service FROM top ORDER BY {ORDER}), \
         ARRAY(SELECT score FROM top ORDER BY {ORDER}), {counts}"
    );
    Statement {
        sql,
        values: maker.values,
    }
}

/// As `core::search` orders results: by bands of a tenth, in turn.
const ORDER: &str =
    "floor(ln(greatest(score, 1e-300)) / ln(1.1::float8)) DESC, turn DESC, score DESC, service";

struct Maker<'a> {
    values: Vec<Value>,
    weights: &'a Weights,
    facets: bool,
}

impl Maker<'_> {
    fn value(&mut self, value: impl ToSql + Sync + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn list(&mut self, tokens: &[Token]) -> String {
        self.value(tokens.to_vec())
    }

    /// What every offer must have, wherever it is.
    fn filters(&mut self, asked: &Question) -> String {
        let mut sql = String::new();
        let mut and = |text: String| {
            let _infallible = write!(sql, " AND {text}");
        };
        for group in [&asked.need, &asked.fee] {
            if !group.is_empty() {
                and(format!("codes && {}", self.list(group)));
            }
        }
        if let Some(remote) = asked.remote {
            and(format!("remote = {}", self.value(remote)));
        }
        if !asked.all_codes.is_empty() {
            and(format!("codes @> {}", self.list(&asked.all_codes)));
        }
        if !asked.languages.is_empty() {
            and(format!("languages && {}", self.list(&asked.languages)));
        }
        if !asked.capacity.is_empty() {
            and(format!("capacity = ANY ({})", self.list(&asked.capacity)));
        }
        sql
    }

    /// The value that holds the words.
    fn relevance(&mut self, words: &[Word]) -> Option<String> {
        (!words.is_empty()).then(|| self.value(tsquery(words)))
    }

    fn score(&mut self, asked: &Question, relevance: Option<&str>, clock: &str) -> String {
        let Weights {
            at_ttl, decides, ..
        } = *self.weights;
        let sure = if asked.doubtful {
            let need = self.list(&asked.need);
            format!(" * CASE WHEN sure && {need} THEN 1.0::float8 ELSE {decides:?} END")
        } else {
            String::new()
        };
        let fit = relevance.map_or_else(String::new, |query| {
            format!(" * ts_rank(words, {query}::text::tsquery, 1)")
        });
        format!(
            "worth{fit}{sure} * CASE WHEN observed_at IS NULL THEN {at_ttl:?} ELSE 1.0::float8 - \
             least(greatest({clock}::bigint - observed_at, 0)::float8 / ttl, 1.0::float8) * {:?}::float8 END",
            1.0 - at_ttl
        )
    }

    /// One branch for each way to be in the right place, so that each has an index of its own.
    fn branches(&mut self, asked: &Question, fixed: &str, score: &str, widest_m: f64) -> String {
        let facets = if self.facets {
            ", array_append(facets, capacity) AS facets"
        } else {
            ""
        };
        let ways = match (&asked.near, &asked.serves) {
            (Some(near), serves) => {
                let also = serves.as_ref().map(|place| self.served(place));
                self.near(near, also.as_deref())
            }
            (None, Some(place)) => self.served_ways(place, widest_m),
            (None, None) => vec![("true".to_owned(), "1.0".to_owned())],
        };
        let branches = ways.into_iter().map(|(way, factor)| {
            format!(
                "SELECT service, turn, {score} * {factor}::float8 AS score{facets} FROM offer \
                 WHERE {way}{fixed}"
            )
        });
        branches.collect::<Vec<_>>().join(" UNION ALL ")
    }

    fn near(&mut self, near: &Around, also: Option<&str>) -> Vec<(String, String)> {
        let areas = self.list(&near.areas);
        let home = self.list(&near.home);
        let also = also.map_or_else(String::new, |also| format!(" AND {also}"));
        let Weights {
            half_miles,
            without_distance,
            assumed,
            ..
        } = *self.weights;
        let point = near.point.map(|point| self.point(point));
        let around = point.as_ref().map_or_else(String::new, |point| {
            format!(" OR (area_m IS NOT NULL AND ST_DWithin(geog, {point}, area_m, false))")
        });
        let unknown = format!("{without_distance:?}");
        let mut ways = vec![
            (
                format!("home && {home} AND (NOT stated OR areas && {areas}{around}){also}"),
                format!(
                    "{unknown} * CASE WHEN remote THEN {assumed:?}::float8 ELSE 1.0::float8 END"
                ),
            ),
            (format!("far AND areas && {areas}{also}"), unknown),
        ];
        if let Some(point) = point.filter(|_| !near.region) {
            let radius = self.value(metres(near.km));
            ways.push((
                format!(
                    "ST_DWithin(geog, {point}, {radius}, false) \
                     AND (NOT stated OR areas && {areas}{around}){also}"
                ),
                format!(
                    "(1.0::float8 / (1.0::float8 + ST_Distance(geog, {point}, false) / {:?}))",
                    metres(MILE_M / 1_000.0) * half_miles
                ),
            ));
        }
        ways
    }

    fn served_ways(&mut self, place: &Around, widest_m: f64) -> Vec<(String, String)> {
        let areas = self.list(&place.areas);
        let mut ways = vec![(format!("areas && {areas}"), "1.0".to_owned())];
        if let Some(point) = place.point {
            let point = self.point(point);
            let widest = self.value(widest_m);
            ways.push((
                format!(
                    "area_m IS NOT NULL AND ST_DWithin(geog, {point}, {widest}, false) \
                     AND ST_DWithin(geog, {point}, area_m, false) AND NOT areas && {areas}"
                ),
                "1.0".to_owned(),
            ));
        }
        ways
    }

    /// That an offer found in another way serves the place too.
    fn served(&mut self, place: &Around) -> String {
        let areas = self.list(&place.areas);
        let Some(point) = place.point else {
            return format!("areas && {areas}");
        };
        let point = self.point(point);
        format!(
            "(areas && {areas} OR (area_m IS NOT NULL AND ST_DWithin(geog, {point}, area_m, false)))"
        )
    }

    fn point(&mut self, point: referral_core::geo::Point) -> String {
        let lon = self.value(point.lon());
        let lat = self.value(point.lat());
        format!("ST_MakePoint({lon}, {lat})::geography")
    }
}

/// Words as a `tsquery`. They are folded: nothing but letters and digits is in them.
fn tsquery(words: &[Word]) -> String {
    let words = words.iter().map(|word| {
        let texts = std::iter::once(&word.text).chain(&word.longer);
        let texts = texts.map(|text| format!("'{text}'"));
        let codes = word.codes.iter().map(|code| lexeme(*code));
        let any: Vec<String> = texts.chain(codes).collect();
        format!("({})", any.join(" | "))
    });
    words.collect::<Vec<_>>().join(" & ")
}

/// A code among the words: no folded word has this sign.
#[must_use]
pub(super) fn lexeme(code: Token) -> String {
    format!("'§{code}'")
}
