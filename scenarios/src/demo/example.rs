//! Searches worth trying, each of which found something before it is shown.

use std::collections::VecDeque;
use std::net::SocketAddr;

use anyhow::Context;
use referral_core::capacity::Stated;
use referral_core::vocabulary::Code;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::arrival::{Arrival, Published};

/// Most candidates of one kind.
const CANDIDATES: usize = 40;
/// Languages that make no example.
const COMMON: [&str; 3] = ["en", "es", "zh"];

/// One search.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Example {
    need: Option<String>,
    text: Option<String>,
    near: Option<String>,
    serves: Option<String>,
    language: Option<String>,
    availability: Option<&'static str>,
}

/// Examples as they are found among what has arrived.
pub(super) struct Examples {
    client: SearchServiceClient<Channel>,
    /// What must be found before anything else is tried.
    first: Option<Example>,
    searched: bool,
    /// Something open nearby; a waiting list that serves a place; a language.
    kinds: [Kind; 3],
    shown: bool,
}

/// One kind of example.
struct Kind {
    of: fn(&Published) -> Option<Example>,
    candidates: VecDeque<Example>,
    found: Option<Example>,
}

impl Examples {
    /// Looks for examples at the directory's public address.
    pub(super) async fn new(public: SocketAddr) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{public}"))?;
        let channel = endpoint
            .connect()
            .await
            .context("the directory's public address")?;
        let kind = |of| Kind {
            of,
            candidates: VecDeque::new(),
            found: None,
        };
        Ok(Self {
            client: SearchServiceClient::new(channel),
            first: None,
            searched: false,
            kinds: [kind(open_near), kind(waiting_for), kind(in_language)],
            shown: false,
        })
    }

    /// Takes in what an agency has published.
    pub(super) fn add(&mut self, arrival: &Arrival) {
        for published in &arrival.services {
            if self.first.is_none() {
                self.first = Some(Example::named(published));
            }
            for kind in &mut self.kinds {
                if kind.candidates.len() < CANDIDATES {
                    kind.candidates.extend((kind.of)(published));
                }
            }
        }
    }

    /// Tries one candidate of each kind. What was just published may take a second to be found, so
    /// those that find nothing are tried again.
    pub(super) async fn look(&mut self) -> anyhow::Result<()> {
        if !self.searched {
            if let Some(first) = self.first.clone() {
                self.searched = self.finds(&first).await?;
            }
            return Ok(());
        }
        for number in 0..self.kinds.len() {
            let kind = &mut self.kinds[number];
            if kind.found.is_some() {
                continue;
            }
            if let Some(candidate) = kind.candidates.pop_front() {
                if self.finds(&candidate).await? {
                    self.kinds[number].found = Some(candidate);
                } else {
                    self.kinds[number].candidates.push_back(candidate);
                }
            }
        }
        Ok(())
    }

    /// Whether a search has found something.
    pub(super) fn has_searched(&self) -> bool {
        self.searched
    }

    /// Whether there is nothing left to look for.
    pub(super) fn is_done(&self) -> bool {
        self.shown
    }

    /// The examples, once: as soon as there is one of each kind, or those that were found when
    /// `patience` is at its end.
    pub(super) fn take_for_show(&mut self, patience_ended: bool) -> Option<Vec<Example>> {
        let complete = self.kinds.iter().all(|kind| kind.found.is_some());
        if self.shown || !(complete || patience_ended) {
            return None;
        }
        self.shown = true;
        let found = self.kinds.iter().filter_map(|kind| kind.found.clone());
        Some(found.collect())
    }

    async fn finds(&mut self, example: &Example) -> anyhow::Result<bool> {
        let answer = self.client.search(example.request()).await;
        Ok(answer.context("a search failed")?.into_inner().total_size > 0)
    }
}

impl Example {
    /// The search for a service by its name.
    fn named(published: &Published) -> Self {
        Self {
            text: Some(published.service.name.to_string()),
            availability: Some("any"),
            ..Self::default()
        }
    }

    fn request(&self) -> v1::SearchRequest {
        let text = |of: &Option<String>| of.clone().unwrap_or_default();
        let availability = match self.availability {
            Some("waitlist") => v1::Availability::Waitlist,
            Some("any") => v1::Availability::Any,
            _ => v1::Availability::Open,
        };
        v1::SearchRequest {
            need: self.need.iter().cloned().collect(),
            text: text(&self.text),
            near: text(&self.near),
            serves: text(&self.serves),
            languages: self.language.iter().cloned().collect(),
            availability: availability.into(),
            limit: 1,
            ..v1::SearchRequest::default()
        }
    }

    /// The arguments of `directory-server search` for it.
    pub(super) fn arguments(&self) -> String {
        let parts = [
            ("--need", &self.need),
            ("--text", &self.text),
            ("--near", &self.near),
            ("--serves", &self.serves),
            ("--language", &self.language),
            ("--availability", &self.availability.map(str::to_owned)),
        ];
        let stated = parts.iter().filter_map(|(flag, value)| {
            let value = value.as_deref()?;
            let quoted = value.contains([' ', ',', '\'']);
            let value = if quoted {
                format!("\"{value}\"")
            } else {
                value.to_owned()
            };
            Some(format!("{flag} {value}"))
        });
        stated.collect::<Vec<_>>().join(" ")
    }
}

/// Legal help that is open, near its office's city.
fn open_near(published: &Published) -> Option<Example> {
    let need = need(published, "dom").filter(|need| need == "dom:leg")?;
    let state = published.reports.first()?.state;
    let near = published.place.clone()?;
    matches!(state, Stated::Open | Stated::Limited).then(|| Example {
        need: Some(need),
        near: Some(near),
        ..Example::default()
    })
}

/// Something particular that keeps a list, for people who live in its city.
fn waiting_for(published: &Published) -> Option<Example> {
    let mut needs = ["ho", "mh", "lc", "dom"].into_iter();
    let need = needs.find_map(|class| need(published, class))?;
    let state = published.reports.first()?.state;
    let serves = published.place.clone()?;
    (state == Stated::Waitlist).then(|| Example {
        need: Some(need),
        serves: Some(serves),
        availability: Some("waitlist"),
        ..Example::default()
    })
}

/// A language that few services have.
fn in_language(published: &Published) -> Option<Example> {
    let languages = &published.service.languages;
    let mut tags = languages.iter().map(|language| language.tag.as_str());
    let tag = tags.rfind(|tag| !COMMON.contains(tag))?;
    Some(Example {
        text: Some(published.service.name.to_string().to_lowercase()),
        language: Some(tag.to_owned()),
        availability: Some("any"),
        ..Example::default()
    })
}

/// The service's first need code of the class.
fn need(published: &Published, class: &str) -> Option<String> {
    let codes = published
        .service
        .attributes
        .iter()
        .map(|attribute| &attribute.code);
    let mut needs = codes.filter(|code| code.class() == class && Code::is_need(code));
    needs.next().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_written_as_the_command_takes_it() {
        let example = Example {
            need: Some("dom:leg".to_owned()),
            near: Some("St. Paul, MN".to_owned()),
            language: Some("ti".to_owned()),
            ..Example::default()
        };

        let arguments = example.arguments();

        assert_eq!(
            arguments,
            "--need dom:leg --near \"St. Paul, MN\" --language ti"
        );
    }
}
