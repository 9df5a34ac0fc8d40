//! The search page at `/`.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use referral_core::capacity::Availability;
use referral_core::catalog::{Address, Place};
use referral_core::search::{Query, Refused};
use tokio::task::spawn_blocking;

use crate::operations::{Answer, Directory, Found, SearchError};
use crate::rpc::summary;

/// Needs offered in the list; any other code can be typed into the address.
const NEEDS: [(&str, &str); 24] = [
    ("", "Any help"),
    ("dom:leg", "Immigration lawyer or legal help"),
    ("lc:asy-aff", "– asylum, no court case"),
    ("lc:asy-def", "– asylum in immigration court"),
    ("lc:bond", "– bond or release from detention"),
    ("lc:rem-def", "– defence against removal"),
    ("lc:ead-asy", "– work permit, asylum pending"),
    ("lc:tps", "– temporary protected status"),
    ("dom:oleg", "Other legal help (eviction, family, benefits)"),
    ("dom:mhp", "Mental health and psychosocial support"),
    ("dom:hou", "Housing and shelter"),
    ("ho:es", "– emergency shelter"),
    ("dom:voc", "Work and training"),
    ("dom:edu", "School and English classes"),
    ("dom:med", "Medical care"),
    ("dom:fme", "Forensic evaluation for a claim"),
    ("dom:dir", "Food, cash, clothing, transport"),
    ("da:food", "– food"),
    ("dom:cas", "Case management"),
    ("dom:ori", "Orientation"),
    ("dom:int", "Interpretation and translation"),
    ("dom:bor", "Border or release shelter"),
    ("dom:rri", "Safe return and reintegration"),
    ("dom:oth", "Other"),
];

/// Languages offered in the list.
const LANGUAGES: [(&str, &str); 14] = [
    ("", "Any language"),
    ("es", "Spanish"),
    ("ht", "Haitian Creole"),
    ("ar", "Arabic"),
    ("prs", "Dari"),
    ("ps", "Pashto"),
    ("fr", "French"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
    ("pa", "Punjabi"),
    ("mam", "Mam"),
    ("sw", "Swahili"),
];

/// Answers `GET /`: the form, and the results when something was asked.
pub(super) async fn page(
    State(directory): State<Arc<Directory>>,
    RawQuery(typed): RawQuery,
) -> Response {
    let form = match Form::read(typed.as_deref().unwrap_or_default()) {
        Ok(form) => form,
        Err(wrong) => {
            return render(
                StatusCode::BAD_REQUEST,
                &Page::wrong(Form::default(), wrong),
            );
        }
    };
    if !form.asked {
        return render(StatusCode::OK, &Page::empty(form));
    }
    let query = match form.query() {
        Ok(query) => query,
        Err(wrong) => return render(StatusCode::BAD_REQUEST, &Page::wrong(form, wrong)),
    };
    match spawn_blocking(move || directory.search(&query)).await {
        Ok(Ok(answer)) => render(StatusCode::OK, &Page::found(form, answer)),
        Ok(Err(SearchError::Refused(wrong))) => {
            render(StatusCode::BAD_REQUEST, &Page::wrong(form, wrong))
        }
        Ok(Err(_)) | Err(_) => {
            let text = "The search failed. Nothing you typed was lost: try again.".to_owned();
            let wrong = vec![Refused {
                field: "",
                code: "search_failed",
                text,
            }];
            render(StatusCode::INTERNAL_SERVER_ERROR, &Page::wrong(form, wrong))
        }
    }
}

fn render(status: StatusCode, page: &Page) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error.type = "template", "the search page could not be drawn: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What was typed, kept as typed.
#[derive(Clone, Debug, Default)]
struct Form {
    asked: bool,
    need: String,
    text: String,
    near: String,
    radius: String,
    serves: String,
    language: String,
    availability: String,
}

impl Form {
    /// Reads a query string. A field this page does not have is refused by name.
    fn read(typed: &str) -> Result<Self, Vec<Refused>> {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(typed.as_bytes()) {
            let value = value.trim().to_owned();
            form.asked = true;
            match &*name {
                "need" => form.need = value,
                "text" => form.text = value,
                "near" => form.near = value,
                "radius" => form.radius = value,
                "serves" => form.serves = value,
                "language" => form.language = value,
                "availability" => form.availability = value,
                _ => {
                    let text = "the search page has no such field: start from the form".to_owned();
                    return Err(vec![Refused {
                        field: "",
                        code: "field_unknown",
                        text,
                    }]);
                }
            }
        }
        Ok(form)
    }

    fn query(&self) -> Result<Query, Vec<Refused>> {
        let mut wrong = Vec::new();
        let radius_miles = if self.radius.is_empty() || self.near.is_empty() {
            0.0
        } else {
            self.radius.parse().unwrap_or(f64::NAN)
        };
        if radius_miles.is_nan() {
            let text = "a radius is a number of miles".to_owned();
            wrong.push(Refused {
                field: "radius_miles",
                code: "radius_invalid",
                text,
            });
        }
        let availability = if self.availability.is_empty() {
            Availability::Open
        } else {
            Availability::parse(&self.availability).unwrap_or_else(|invalid| {
                let text = invalid.to_string();
                wrong.push(Refused {
                    field: "availability",
                    code: "availability_invalid",
                    text,
                });
                Availability::Open
            })
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Query {
            need: self.need.clone(),
            text: self.text.clone(),
            near: self.near.clone(),
            radius_miles,
            serves: self.serves.clone(),
            languages: vec![self.language.clone()],
            availability,
            limit: 20,
        })
    }
}

/// `search.html`.
#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    form: Form,
    needs: Vec<Choice>,
    languages: Vec<Choice>,
    radii: Vec<Choice>,
    availabilities: Vec<Choice>,
    wrong: Vec<Refused>,
    answer: Option<Shown>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Shown {
    total: usize,
    near: Option<String>,
    serves: Option<String>,
    results: Vec<Row>,
}

/// One result as the page shows it.
struct Row {
    name: String,
    organization: String,
    state: &'static str,
    capacity: String,
    observed_at: String,
    distance: Option<String>,
    place: Option<String>,
    summary: String,
    phones: Vec<(String, String)>,
    url: Option<String>,
    reasons: Vec<String>,
}

impl Page {
    fn empty(form: Form) -> Self {
        Self::of(form, Vec::new(), None)
    }

    fn wrong(form: Form, wrong: Vec<Refused>) -> Self {
        Self::of(form, wrong, None)
    }

    fn found(form: Form, answer: Answer) -> Self {
        let results = answer.results.iter().map(row).collect();
        let Answer {
            total,
            near,
            serves,
            ..
        } = answer;
        Self::of(
            form,
            Vec::new(),
            Some(Shown {
                total,
                near,
                serves,
                results,
            }),
        )
    }

    fn of(form: Form, wrong: Vec<Refused>, answer: Option<Shown>) -> Self {
        let radius = if form.radius.is_empty() {
            "25"
        } else {
            form.radius.as_str()
        };
        let availability = if form.availability.is_empty() {
            "open"
        } else {
            form.availability.as_str()
        };
        Self {
            needs: choices(&NEEDS, &form.need),
            languages: choices(&LANGUAGES, &form.language),
            radii: choices(
                &[
                    ("10", "10 miles"),
                    ("25", "25 miles"),
                    ("50", "50 miles"),
                    ("100", "100 miles"),
                ],
                radius,
            ),
            availabilities: choices(
                &[
                    ("open", "Open now"),
                    ("waitlist", "Open or with a waiting list"),
                    ("unconfirmed", "Not confirmed: call first"),
                    ("any", "All"),
                ],
                availability,
            ),
            form,
            wrong,
            answer,
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        self.wrong
            .iter()
            .find(|wrong| wrong.field == field)
            .map(|wrong| wrong.text.as_str())
    }
}

/// The choices of a list; one that was asked for and is not among them is kept.
fn choices(offered: &[(&str, &str)], asked: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = offered
        .iter()
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            chosen: *value == asked,
        })
        .collect();
    if !choices.iter().any(|choice| choice.chosen) {
        let (value, label) = (asked.to_owned(), asked.to_owned());
        choices.push(Choice {
            value,
            label,
            chosen: true,
        });
    }
    choices
}

fn row(found: &Found) -> Row {
    let service = &found.listing.service;
    let organization = &found.listing.organization;
    let url = service.url.as_ref().or(organization.website.as_ref());
    let phones = service.phones.iter().chain(&organization.phones).take(2);
    Row {
        name: service.name.to_string(),
        organization: organization.name.to_string(),
        state: found.state.as_str(),
        capacity: found.capacity.clone(),
        observed_at: found
            .held
            .as_ref()
            .map(|h| h.observed_at.to_string())
            .unwrap_or_default(),
        distance: found
            .distance
            .map(|distance| format!("{:.1} miles", distance.miles())),
        place: found
            .place
            .as_ref()
            .map(|place| match &place.location.place {
                Place::County(_) => format!("{} (address confidential)", place.area),
                at => at.address().map(address_line).unwrap_or_default(),
            }),
        summary: service
            .description
            .as_ref()
            .map(|d| summary(d.as_str()))
            .unwrap_or_default(),
        phones: phones
            .map(|phone| (phone.number.as_str().to_owned(), phone.number.digits()))
            .collect(),
        url: url.map(|url| url.as_str().to_owned()),
        reasons: found.reasons.iter().map(|(_, text)| text.clone()).collect(),
    }
}

fn address_line(address: &Address) -> String {
    let parts = [
        address.address_1.as_ref(),
        address.address_2.as_ref(),
        address.city.as_ref(),
        address.state_province.as_ref(),
        address.postal_code.as_ref(),
    ];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(referral_core::text::Name::as_str)
        .collect();
    parts.join(", ")
}
