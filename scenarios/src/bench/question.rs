//! A request in numbers: what every peer is asked.

use std::collections::HashSet;

use referral_core::capacity::Availability;
use referral_core::geo::{CountryCode, Locality, LocalityKind, Point};
use referral_core::search::{Access, Request};
use referral_index::Question as Words;

use super::dictionary::Dictionary;
use super::tokens::{NONE, STATES, Token, Tokens, capacity};

/// What is known of all services before anything is asked.
#[derive(Debug)]
pub struct Known {
    /// The numbers of names.
    pub tokens: Tokens,
    /// Codes that some service may act on or not.
    pub doubtful: HashSet<Token>,
    /// The words there are.
    pub dictionary: Dictionary,
}

/// A request in numbers. Every part must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// One of these codes or more; empty: any.
    pub need: Vec<Token>,
    /// True when some service has one of them and may not be sure to act on it.
    pub doubtful: bool,
    /// One of these codes of fees or more; empty: any.
    pub fee: Vec<Token>,
    /// Whether it must be remote, or must not.
    pub remote: Option<bool>,
    /// All of these codes.
    pub all_codes: Vec<Token>,
    /// One of these languages or more; empty: any.
    pub languages: Vec<Token>,
    /// One of these states of capacity; empty: any.
    pub capacity: Vec<Token>,
    /// All of these words.
    pub words: Vec<Word>,
    /// Near here.
    pub near: Option<Around>,
    /// Serving this place.
    pub serves: Option<Around>,
    /// Whether facets are asked for.
    pub facets: bool,
    /// Most results.
    pub limit: u32,
}

/// One word, or what may stand for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Longer words that begin like it and do as well.
    pub longer: Vec<String>,
    /// Codes that mean it.
    pub codes: Vec<Token>,
}

/// A place and its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// Its position.
    pub point: Option<Point>,
    /// How far around it, in kilometres; 0 where only areas count.
    pub km: f64,
    /// Areas that hold it.
    pub areas: Vec<Token>,
    /// What is in it, or assumed to serve it.
    pub home: Vec<Token>,
    /// True for a state or country: it is searched in, not around.
    pub region: bool,
}

impl Question {
    /// A request in numbers.
    #[must_use]
    pub fn of(request: &Request, known: &Known) -> Self {
        let tokens = &known.tokens;
        let code = |code: &_| tokens.known(&format!("code {code}"));
        let need = request.need.as_ref();
        let any_of: Vec<Token> =
            need.map_or_else(Vec::new, |need| need.any_of.iter().map(code).collect());
        let all_of = need.map(|need| need.all_of.iter().map(code).collect());
        let fee = request.fee.map_or(&[][..], |fee| fee.codes());
        let fee_code = |code: &&str| tokens.known(&format!("code {code}"));
        Self {
            doubtful: any_of.iter().any(|code| known.doubtful.contains(code)),
            need: any_of,
            fee: fee.iter().map(fee_code).collect(),
            remote: match request.access {
                Access::Any => None,
                Access::InPerson => Some(false),
                Access::Remote => Some(true),
            },
            all_codes: all_of.unwrap_or_default(),
            languages: languages(request, tokens),
            capacity: states(request.availability),
            words: request
                .text
                .as_ref()
                .map_or_else(Vec::new, |text| words(&Words::of(text.as_str()), known)),
            near: request
                .near
                .as_ref()
                .map(|near| Around::near(&near.place, near.radius.get(), tokens)),
            serves: request
                .serves
                .as_ref()
                .map(|place| Around::served(place, tokens)),
            facets: request.facets,
            limit: request.limit,
        }
    }
}

impl Word {
    /// Whether some service has it. For a word that none has the engine looks for words spelt nearly
    /// so, in a way of its own.
    #[must_use]
    pub fn occurs(&self, dictionary: &Dictionary) -> bool {
        dictionary.has(&self.text) || !self.longer.is_empty() || !self.codes.is_empty()
    }
}

impl Around {
    fn served(place: &Locality, tokens: &Tokens) -> Self {
        let counties = place.counties.iter().filter(|(_, share)| *share > 0.0);
        let counties = counties.map(|(county, _)| format!("county {county}"));
        let zip = place.zip.map(|zip| format!("zip {zip}"));
        let state = place.state.map(|state| format!("state {state}"));
        let country = vec![format!("country {}", place.country)];
        let part = match place.kind {
            LocalityKind::State => place.state.map(|state| format!("part of state {state}")),
            LocalityKind::Country => Some(format!("part of country {}", place.country)),
            _ => None,
        };
        let names = zip
            .into_iter()
            .chain(counties)
            .chain(state)
            .chain(country)
            .chain(part);
        Self {
            point: place.point,
            km: 0.0,
            areas: names.map(|name| tokens.known(&name)).collect(),
            home: Vec::new(),
            region: false,
        }
    }

    fn near(place: &Locality, km: f64, tokens: &Tokens) -> Self {
        let region = matches!(place.kind, LocalityKind::State | LocalityKind::Country);
        // What lies in a county lies in its state.
        let counties = place.counties.iter().filter(|_| !region);
        let mut home: Vec<String> = counties.map(|(county, _)| format!("in {county}")).collect();
        home.extend(place.state.map(|state| format!("assumed {state}")));
        if place.country == CountryCode::US {
            home.push("assumed US".to_owned());
        }
        match place.kind {
            LocalityKind::State => {
                home.extend(place.state.map(|state| format!("in state {state}")));
            }
            LocalityKind::Country => home.push(format!("in country {}", place.country)),
            _ => {}
        }
        Self {
            km,
            home: home.iter().map(|name| tokens.known(name)).collect(),
            region,
            ..Self::served(place, tokens)
        }
    }
}

/// The languages asked for, each as spoken and, where that will do, by phone.
fn languages(request: &Request, tokens: &Tokens) -> Vec<Token> {
    let mut names = Vec::new();
    for tag in &request.languages {
        names.push(format!("language {}", tag.primary()));
        if request.interpreter {
            names.push(format!("by phone {}", tag.primary()));
            names.push("by phone any".to_owned());
        }
    }
    names.iter().map(|name| tokens.known(name)).collect()
}

fn states(asked: Availability) -> Vec<Token> {
    if asked == Availability::Any {
        return Vec::new();
    }
    let states = STATES.into_iter().filter(|state| asked.includes(*state));
    states.map(capacity).collect()
}

fn words(asked: &Words, known: &Known) -> Vec<Word> {
    let code = |code: &_| known.tokens.known(&format!("code {code}"));
    let words = asked.words.iter().map(|word| Word {
        text: word.text.clone(),
        longer: if word.last {
            known.dictionary.longer(&word.text)
        } else {
            Vec::new()
        },
        codes: word
            .codes
            .iter()
            .map(code)
            .filter(|code| *code != NONE)
            .collect(),
    });
    words.collect()
}
