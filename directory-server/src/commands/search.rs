//! `directory-server search`: a client of the gRPC search, for people and scripts.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;
use tonic::transport::Endpoint;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// Most bytes of an answer: 200 results with long texts.
const ANSWER_BYTES: usize = 32 << 20;

/// Finds services: who is open now, near the client, and why.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  directory-server search --need lc:bond --near 78017\n  directory-server search --need lc:asy-def,rep:full \\\n      --serves \"Miami, FL\" --language ht --availability any --json"
)]
pub(super) struct Search {
    /// The directory's public address
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        env = "REFERRAL_DIRECTORY"
    )]
    server: String,
    /// Vocabulary codes of one domain, separated by commas: any of the needs, all of the terms
    #[arg(long, value_name = "CODE[,CODE]")]
    need: Vec<String>,
    /// Words to find; every character is just itself
    #[arg(
        long,
        value_name = "WORDS",
        default_value = "",
        hide_default_value = true
    )]
    text: String,
    /// A place: ZIP, "city, ST", county, state, country, or "lat,lon"
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    near: String,
    /// How far around it, in miles [default: 25]
    #[arg(long, value_name = "N", requires = "near", value_parser = miles, allow_negative_numbers = true)]
    radius_mi: Option<f64>,
    /// A place that the service's area must hold
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    serves: String,
    /// A language (BCP 47 tag, such as es or ht); repeat for any of several
    #[arg(long, value_name = "TAG")]
    language: Vec<String>,
    /// Which states of capacity
    #[arg(long, value_name = "STATES", default_value = "open", value_parser = ["open", "waitlist", "unconfirmed", "any"])]
    availability: String,
    /// Most results, 1 to 200
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

impl Search {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if self.need.len() > 1 {
            let text =
                "several needs in one search are not answered yet: search for each by itself";
            return Err(anyhow::anyhow!(text)).exit(Exit::Usage);
        }
        let channel = endpoint(&self.server)
            .exit(Exit::Usage)?
            .connect()
            .await
            .with_context(|| {
                format!(
                    "the directory at {} cannot be reached: is it running?",
                    self.server
                )
            })
            .exit(Exit::Unreachable)?;
        let mut client = SearchServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
        let answer = client
            .search(self.request())
            .await
            .map_err(|status| refused(&status, &self.server))?
            .into_inner();
        if self.json {
            let document = referral_proto::json::to_json("referral.v1.SearchResponse", &answer)?;
            print(&format!("{document}\n"))
        } else {
            print(&readable(&answer))?;
            print(self.narrowed(&answer))
        }
    }

    /// What somebody who found nothing may not know.
    fn narrowed(&self, answer: &v1::SearchResponse) -> &'static str {
        match (answer.total_size, self.availability.as_str()) {
            (0, "open") => {
                "only what takes people now was looked for: --availability any shows what has a \
                 waiting list, is closed or not confirmed, too\n"
            }
            _ => "",
        }
    }

    fn request(&self) -> v1::SearchRequest {
        let availability = match self.availability.as_str() {
            "waitlist" => v1::Availability::Waitlist,
            "unconfirmed" => v1::Availability::Unconfirmed,
            "any" => v1::Availability::Any,
            _ => v1::Availability::Open,
        };
        v1::SearchRequest {
            need: self
                .need
                .iter()
                .flat_map(|codes| codes.split(','))
                .map(str::to_owned)
                .collect(),
            text: self.text.clone(),
            near: self.near.clone(),
            radius_miles: self.radius_mi.unwrap_or(0.0),
            serves: self.serves.clone(),
            languages: self.language.clone(),
            availability: availability.into(),
            limit: self.limit,
        }
    }
}

/// Where to ask.
fn endpoint(server: &str) -> anyhow::Result<Endpoint> {
    let endpoint = Endpoint::from_shared(server.to_owned()).with_context(|| {
        format!("--server {server}: not an address such as http://127.0.0.1:8080")
    })?;
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint.timeout(DEADLINE).connect_timeout(DEADLINE)),
        Some("https") => anyhow::bail!(
            "--server {server}: this command speaks plain http, to a directory on the same machine; \
             open the page at that address instead"
        ),
        _ => anyhow::bail!("--server {server}: write it as http://HOST:PORT"),
    }
}

fn miles(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(miles) if miles > 0.0 && miles <= 310.0 => Ok(miles),
        _ => Err("a radius is more than 0 and at most 310 miles".to_owned()),
    }
}

/// What the directory said, each fault on its own. Or what was there was no directory.
fn refused(status: &Status, server: &str) -> anyhow::Error {
    // Only what went wrong on the way has a source.
    if status.source().is_some() {
        let text = format!(
            "{server} does not answer as a directory does ({}): --server is its public address, \
             which serve prints",
            status.message()
        );
        return exit_of(text, Exit::Unreachable);
    }
    let faults = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let faults: Vec<String> = faults
        .into_iter()
        .map(|fault| format!("{}: {}", fault.field, fault.description))
        .collect();
    let exit = match status.code() {
        Code::InvalidArgument => Exit::Usage,
        Code::Unavailable => Exit::Unreachable,
        _ => Exit::Failed,
    };
    let text = if faults.is_empty() {
        status.message().to_owned()
    } else {
        faults.join("; ")
    };
    exit_of(text, exit)
}

fn exit_of(text: String, exit: Exit) -> anyhow::Error {
    Err::<(), _>(anyhow::anyhow!(text))
        .exit(exit)
        .err()
        .unwrap_or_else(|| anyhow::anyhow!("refused"))
}

fn readable(answer: &v1::SearchResponse) -> String {
    let mut text = String::new();
    let place = [
        ("near", &answer.near_label),
        ("serving", &answer.serves_label),
    ];
    let place: Vec<String> = place
        .into_iter()
        .filter(|(_, label)| !label.is_empty())
        .map(|(word, label)| format!(" {word} {label}"))
        .collect();
    let _infallible = writeln!(text, "{} found{}", answer.total_size, place.join(","));
    for (at, result) in answer.results.iter().enumerate() {
        let capacity = result
            .capacity
            .as_ref()
            .map(|c| c.text.as_str())
            .unwrap_or_default();
        let distance = result
            .distance_miles
            .map(|miles| format!("{miles:.1} mi  "))
            .unwrap_or_default();
        let reasons: Vec<&str> = result
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        let phone = result
            .phones
            .first()
            .map(|phone| format!("  {phone}"))
            .unwrap_or_default();
        let _infallible = write!(
            text,
            "\n{:>3}. {} — {}\n     {capacity}\n     {distance}{}{phone}\n",
            at + 1,
            result.name,
            result.organization,
            result
                .location
                .as_ref()
                .map_or("no address", |l| l.area.as_str()),
        );
        if !reasons.is_empty() {
            let _infallible = writeln!(text, "     why: {}", reasons.join("; "));
        }
    }
    text
}
