//! One need: what is asked for within one domain, and on what terms.

use jiff::civil::Date;

use crate::search::{Facts, Fit};
use crate::vocabulary::Code;

/// Most codes in one need.
const CODES: usize = 32;

/// Needs of one domain, any of which answers, narrowed by terms that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Any of these answers; empty when only terms were given.
    pub any_of: Vec<Code>,
    /// All of these must hold: how a client is represented (`rep`) and term codes.
    pub all_of: Vec<Code>,
}

/// Why a need was refused. Every variant is the asker's to fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNeed {
    /// One of the codes has no `class:code` shape.
    #[error("a need is a vocabulary code such as lc:bond; directory-server codes lists them")]
    Code,
    /// Codes of two domains.
    #[error("these codes belong to different domains: repeat the need for each")]
    TwoDomains,
    /// Too many codes.
    #[error("a need has at most 32 codes")]
    TooMany,
    /// Nothing in it.
    #[error("a need names at least one code")]
    Empty,
}

impl InvalidNeed {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Code => "need_code",
            Self::TwoDomains => "need_two_domains",
            Self::TooMany => "need_too_many",
            Self::Empty => "need_empty",
        }
    }
}

impl Need {
    /// Reads codes separated by commas, e.g. `lc:bond,lc:asy-def,cust:det-any`.
    ///
    /// # Errors
    /// [`InvalidNeed`] for text that is no code and for codes of different domains.
    pub fn parse(text: &str) -> Result<Self, InvalidNeed> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let codes: Result<Vec<Code>, _> = parts.map(Code::parse).collect();
        Self::of(codes.map_err(|_| InvalidNeed::Code)?)
    }

    /// A need of these codes, each once.
    ///
    /// # Errors
    /// [`InvalidNeed`] when there are none, too many, or of different domains.
    pub fn of(codes: Vec<Code>) -> Result<Self, InvalidNeed> {
        if codes.is_empty() {
            return Err(InvalidNeed::Empty);
        }
        if codes.len() > CODES {
            return Err(InvalidNeed::TooMany);
        }
        let offered = |code: &Code| code.is_need() && code.class() != "rep";
        let mut once: Vec<Code> = Vec::with_capacity(codes.len());
        for code in codes {
            if !once.contains(&code) {
                once.push(code);
            }
        }
        let (any_of, all_of): (Vec<Code>, Vec<Code>) = once.into_iter().partition(offered);
        let mut domains = any_of.iter().map(domain);
        let first = domains.next();
        if domains.any(|domain| Some(domain) != first) {
            return Err(InvalidNeed::TwoDomains);
        }
        Ok(Self { any_of, all_of })
    }

    /// How well a service answers what is asked, on the day `today`: the best of its codes that
    /// answer. *Fits* when only terms were given, *no* when none of its codes answers.
    #[must_use]
    pub fn fit(&self, facts: &Facts, today: Date) -> Fit {
        if self.any_of.is_empty() {
            return Fit::Fits;
        }
        let offered = self.any_of.iter().filter(|code| facts.has(code, today));
        let fits = offered.map(|code| facts.qualifies(code, today));
        fits.max().unwrap_or(Fit::No)
    }

    /// Beginnings of codes: a service that answers states a code, or holds a credential, that begins with one of them.
    #[must_use]
    pub fn beginnings(&self) -> Vec<String> {
        // Where only terms are asked for, every one must be there: the first tells most services apart.
        let terms = self.all_of.get(..1).unwrap_or_default();
        let asked = if self.any_of.is_empty() {
            terms
        } else {
            &self.any_of
        };
        asked.iter().flat_map(Code::beginnings).collect()
    }

    /// The terms a service lacks on the day `today`: bit n stands for the n-th of `all_of`; of equal
    /// ones, for the first. Terms after the 32nd count as the 32nd.
    #[must_use]
    pub fn missing_terms(&self, facts: &Facts, today: Date) -> u32 {
        let mut missing = 0;
        for code in &self.all_of {
            if !facts.has(code, today) {
                let first = self.all_of.iter().position(|term| term == code);
                missing |= 1 << first.unwrap_or_default().min(31);
            }
        }
        missing
    }
}

/// The domain a need belongs to; a publisher's own terms are one domain together.
fn domain(code: &Code) -> String {
    if code.is_own_term() {
        return "x".to_owned();
    }
    code.parent().map_or_else(
        || code.as_str().to_owned(),
        |parent| parent.as_str().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(codes: &[Code]) -> Vec<&str> {
        codes.iter().map(Code::as_str).collect()
    }

    #[test]
    fn needs_are_alternatives_and_terms_narrow() {
        let need = Need::parse("lc:bond, lc:asy-def,rep:full,cust:det-any").unwrap();

        assert_eq!(texts(&need.any_of), ["lc:bond", "lc:asy-def"]);
        assert_eq!(texts(&need.all_of), ["rep:full", "cust:det-any"]);
    }

    #[test]
    fn two_domains_in_one_need_are_refused_never_a_dead_end() {
        assert_eq!(Need::parse("lc:bond,ho:es"), Err(InvalidNeed::TwoDomains));
        assert_eq!(
            Need::parse("lc:bond,x-harbor:food"),
            Err(InvalidNeed::TwoDomains)
        );
        assert!(Need::parse("dom:leg,lc:bond").is_ok());
        assert_eq!(Need::parse("bond"), Err(InvalidNeed::Code));
        assert_eq!(Need::parse(" , "), Err(InvalidNeed::Empty));
    }
}
