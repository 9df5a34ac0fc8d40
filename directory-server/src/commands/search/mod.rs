//! `directory-server search`: a client of the gRPC search, for people and scripts.
//!
//! [`Search`] is what was typed; `asked` makes a request of it and `told` words of the answer.

pub(super) mod asked;
mod told;

use std::error::Error as _;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use referral_core::capacity::Availability;
use referral_core::search::{Access, Age, Custody, Fee, Immigration, WorkPermit};
use referral_proto::json::to_json;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use asked::{Filter, words};

/// How long an answer may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// Most bytes of an answer: 200 results with long texts for each of 8 needs.
const ANSWER_BYTES: usize = 64 << 20;

/// What `--help` ends with.
const EXAMPLES: &str = "\
Examples:
  directory-server search --need lc:bond --near 78017
  directory-server search --need lc:asy-def,rep:full \\
      --serves \"Miami, FL\" --language ht --availability any --json
  directory-server search --need lc:bond --need ho:es --near 21202 \\
      --custody rel --fee free
  directory-server search --need dom:leg --near 21202 --facets \\
      --filter in_state=MD --filter codes=fee:free";

/// An API token. It tells nothing of itself.
#[derive(Clone)]
struct Token(String);

impl std::str::FromStr for Token {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Finds services: who is open now, near the client, and why.
///
/// Where little is open, the answer ends with single changes of the search that would help. --need
/// repeated searches for several needs of one client at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
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
    /// Search as somebody: their API token; better said in the environment, where others on the machine do not
    /// see it
    #[arg(
        long,
        value_name = "TOKEN",
        env = "REFERRAL_TOKEN",
        hide_env_values = true
    )]
    token: Option<Token>,
    /// Vocabulary codes of one domain, separated by commas: any of the needs, all of the terms. Repeat
    /// it for several needs of one client. `directory-server codes` lists them
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
    #[arg(long, value_name = "N", requires = "near", value_parser = asked::miles, allow_negative_numbers = true)]
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
    /// Also services whose area holds a county next to the place
    #[arg(long)]
    neighbours: bool,
    /// A language (BCP 47 tag, such as es or ht); repeat for any of several
    #[arg(long, value_name = "TAG")]
    language: Vec<String>,
    /// An interpreter by phone answers a language too
    #[arg(long)]
    interpreter: bool,
    /// Which states of capacity
    #[arg(long, value_name = "STATES", default_value = "open", value_parser = words(asked::AVAILABILITIES, Availability::parse))]
    availability: Availability,
    /// How the service is reached [default: any]
    #[arg(long, value_name = "WAY", value_parser = words(asked::WAYS, Access::parse))]
    access: Option<Access>,
    /// The most it may cost [default: anything]
    #[arg(long, value_name = "FEE", value_parser = words(asked::FEES, Fee::parse))]
    fee: Option<Fee>,
    /// A value of a facet, as --facets prints it; repeat for several, which all must hold
    #[arg(long, value_name = "FIELD=VALUE")]
    filter: Vec<Filter>,
    /// Count what the services found have in common
    #[arg(long)]
    facets: bool,
    /// Most results, 1 to 200
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Where an answer before ended: its nextPageToken, with the rest of the search as it was
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    page_token: String,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    circumstances: Circumstances,
}

/// What the search says of the client.
#[derive(Args)]
#[command(
    next_help_heading = "What the provider must take (facts about the search, never a person)"
)]
pub(super) struct Circumstances {
    /// Whether and how the client is held
    #[arg(long, value_name = "SITUATION", value_parser = words(Custody::ALL.map(Custody::as_str), Custody::parse))]
    custody: Option<Custody>,
    /// Age in years, 0 to 120
    #[arg(long, value_name = "YEARS", value_parser = Age::parse)]
    age: Option<Age>,
    /// Immigration situation
    #[arg(long, value_name = "SITUATION", value_parser = words(Immigration::ALL.map(Immigration::as_str), Immigration::parse))]
    immigration: Option<Immigration>,
    /// Nationality: a country, by name or by its two letters
    #[arg(
        long,
        value_name = "COUNTRY",
        default_value = "",
        hide_default_value = true
    )]
    nationality: String,
    /// Before or after work authorization
    #[arg(long, value_name = "WHEN", value_parser = words(WorkPermit::ALL.map(WorkPermit::as_str), WorkPermit::parse))]
    work_permit: Option<WorkPermit>,
}

/// Tells nothing of what was given.
impl std::fmt::Debug for Circumstances {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Circumstances(..)")
    }
}

impl Search {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request = self.request().exit(Exit::Usage)?;
        if self.need.len() < 2 {
            let mut client = self.client().await?;
            let answer = client.search(self.asked(request)?).await;
            let answer = answer
                .map_err(|status| refused(&status, &self.server))?
                .into_inner();
            self.print("SearchResponse", &answer, |answer| {
                told::answer(answer, &self.need) + self.narrowed(answer)
            })
        } else {
            let bundle = self.bundle(request).exit(Exit::Usage)?;
            let mut client = self.client().await?;
            let answer = client.search_bundle(self.asked(bundle)?).await;
            let answer = answer
                .map_err(|status| refused(&status, &self.server))?
                .into_inner();
            self.print("SearchBundleResponse", &answer, told::bundle)
        }
    }

    /// A request with the token, where there is one.
    fn asked<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        let mut request = Request::new(message);
        if let Some(Token(token)) = &self.token {
            let value = format!("Bearer {token}").parse();
            let value = value.map_err(|_| anyhow::anyhow!("--token: this is no token"));
            let value = value.exit(Exit::Usage)?;
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }

    async fn client(&self) -> anyhow::Result<SearchServiceClient<Channel>> {
        let channel = connected(&self.server, DEADLINE).await?;
        Ok(SearchServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES))
    }

    /// What somebody who found nothing, and whom no single change helps, may not know.
    fn narrowed(&self, answer: &v1::SearchResponse) -> &'static str {
        let nothing = answer.total_size == 0 && answer.near_misses.is_empty();
        if nothing && self.availability == Availability::Open {
            "only what takes people now was looked for: --availability any shows what has a \
             waiting list, is closed or not confirmed, too\n"
        } else {
            ""
        }
    }

    fn print<M: prost::Message>(
        &self,
        name: &str,
        answer: &M,
        words: impl FnOnce(&M) -> String,
    ) -> anyhow::Result<()> {
        if self.json {
            let document = to_json(&format!("referral.v1.{name}"), answer)?;
            print(&format!("{document}\n"))
        } else {
            print(&words(answer))
        }
    }
}

/// A connection to the directory at `server`, whose answers may take until `deadline`.
pub(super) async fn connected(server: &str, deadline: Duration) -> anyhow::Result<Channel> {
    endpoint(server, deadline)
        .exit(Exit::Usage)?
        .connect()
        .await
        .with_context(|| format!("the directory at {server} cannot be reached: is it running?"))
        .exit(Exit::Unreachable)
}

/// Where to ask.
fn endpoint(server: &str, deadline: Duration) -> anyhow::Result<Endpoint> {
    let endpoint = Endpoint::from_shared(server.to_owned()).with_context(|| {
        format!("--server {server}: not an address such as http://127.0.0.1:8080")
    })?;
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint.timeout(deadline).connect_timeout(DEADLINE)),
        Some("https") => anyhow::bail!(
            "--server {server}: this command speaks plain http, to a directory on the same machine; \
             open the page at that address instead"
        ),
        _ => anyhow::bail!("--server {server}: write it as http://HOST:PORT"),
    }
}

/// What the directory said, each fault on its own. Or what was there was no directory.
pub(super) fn refused(status: &Status, server: &str) -> anyhow::Error {
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
