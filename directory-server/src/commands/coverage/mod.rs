//! `directory-server coverage ...`: a client of the gRPC reports, for people and scripts.
//!
//! [`asked`] makes a question of what was typed and `told` words of the answer.

mod asked;
mod told;

use clap::{Args, Subcommand};
use referral_core::geo::CountyFips;
use referral_gazetteer::gazetteer;
use referral_proto::json::to_json;
use referral_proto::v1;
use referral_proto::v1::coverage_service_client::CoverageServiceClient;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;
use tonic::transport::Channel;
use tonic::{Response, Status};

use asked::Question;

/// Most bytes of an answer: all counties with all their rows, as GeoJSON.
const ANSWER_BYTES: usize = 128 << 20;
/// How long a report may take: others may wait for theirs.
const DEADLINE: std::time::Duration = std::time::Duration::from_mins(2);

/// What the options have in common in their help.
const EXAMPLES: &str = "\
Examples:
  directory-server coverage report --need lc:bond --custody det
  directory-server coverage report --need lc:asy-def --language ht \\
      --measure coverage-at --within-mi 60 --as-of 2026-09-30
  directory-server coverage report --need lc:bond --format csv > bond.csv
  directory-server coverage gaps --need lc:bond --measure coverage-at
  directory-server coverage county 24510 --need lc:bond
  directory-server coverage trend --need lc:bond --weeks 12
  directory-server coverage what-if --need lc:bond --add 78017=10
  directory-server coverage place --need lc:bond --providers 5";

/// Where people can be helped, where not, and what would change it
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Coverage {
    /// The country and its states; with --format all counties as a file
    Report(Report),
    /// The counties with the worst figures
    Gaps(Gaps),
    /// One county: what is there, what is nearest, on whom it depends
    County(County),
    /// Week by week
    Trend(Trend),
    /// What open places that are not there would change
    WhatIf(WhatIf),
    /// Where the next providers would bring help near to most people
    Place(Place),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Report {
    #[command(flatten)]
    question: Question,
    /// Write all counties in this form: csv (with HXL tags), geojson or json
    #[arg(long, value_name = "FORM", value_parser = ["csv", "geojson", "json"], conflicts_with = "json")]
    format: Option<String>,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Gaps {
    #[command(flatten)]
    question: Question,
    /// How many counties, 1 to 4,000
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=4_000))]
    most: u16,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct County {
    /// The county: its five-digit FIPS code, or its name and state, such as "Dallas County, TX"
    #[arg(value_name = "COUNTY", value_parser = county)]
    county: CountyFips,
    #[command(flatten)]
    question: Question,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trend {
    #[command(flatten)]
    question: Question,
    /// How many weeks back, 1 to 260
    #[arg(long, value_name = "N", default_value_t = 26, value_parser = clap::value_parser!(u32).range(1..=260))]
    weeks: u32,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WhatIf {
    #[command(flatten)]
    question: Question,
    /// Where, and how many places: a ZIP, "city, ST", county or "lat,lon", then = and a number; repeat for several
    #[arg(long, value_name = "PLACE=N", required = true, value_parser = asked::addition)]
    add: Vec<v1::CoverageAddition>,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Place {
    #[command(flatten)]
    question: Question,
    /// How many providers, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    providers: u32,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

impl Coverage {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Report(report) => report.run().await,
            Self::Gaps(gaps) => gaps.run().await,
            Self::County(county) => county.run().await,
            Self::Trend(trend) => trend.run().await,
            Self::WhatIf(what_if) => what_if.run().await,
            Self::Place(place) => place.run().await,
        }
    }
}

impl Report {
    async fn run(self) -> anyhow::Result<()> {
        let Some(format) = &self.format else {
            let report = self.question.report().await?;
            return shown(self.json, "CoverageReport", &report, told::report);
        };
        let format = match format.as_str() {
            "geojson" => v1::CoverageFormat::Geojson,
            "json" => v1::CoverageFormat::Json,
            _ => v1::CoverageFormat::Csv,
        };
        let request = v1::ExportCoverageRequest {
            question: Some(self.question.asked()?),
            format: format.into(),
        };
        let mut client = self.question.client().await?;
        let file = self
            .question
            .answered(client.export_coverage(request))
            .await?;
        print(&String::from_utf8(file.content)?)
    }
}

impl Gaps {
    async fn run(self) -> anyhow::Result<()> {
        let report = self.question.report().await?;
        print(&told::gaps(&report, usize::from(self.most)))
    }
}

impl County {
    async fn run(self) -> anyhow::Result<()> {
        let report = self.question.report().await?;
        print(&told::county(&report, self.county))
    }
}

impl Trend {
    async fn run(self) -> anyhow::Result<()> {
        let request = v1::GetCoverageTrendRequest {
            question: Some(self.question.asked()?),
            weeks: self.weeks,
        };
        let mut client = self.question.client().await?;
        let trend = self
            .question
            .answered(client.get_coverage_trend(request))
            .await?;
        shown(self.json, "GetCoverageTrendResponse", &trend, told::trend)
    }
}

impl WhatIf {
    async fn run(self) -> anyhow::Result<()> {
        let request = v1::CompareCoverageRequest {
            question: Some(self.question.asked()?),
            additions: self.add.clone(),
        };
        let mut client = self.question.client().await?;
        let compared = self
            .question
            .answered(client.compare_coverage(request))
            .await?;
        shown(
            self.json,
            "CompareCoverageResponse",
            &compared,
            told::comparison,
        )
    }
}

impl Place {
    async fn run(self) -> anyhow::Result<()> {
        let request = v1::PlaceProvidersRequest {
            question: Some(self.question.asked()?),
            providers: self.providers,
        };
        let mut client = self.question.client().await?;
        let placement = self
            .question
            .answered(client.place_providers(request))
            .await?;
        shown(
            self.json,
            "PlaceProvidersResponse",
            &placement,
            told::placement,
        )
    }
}

impl Question {
    async fn client(&self) -> anyhow::Result<CoverageServiceClient<Channel>> {
        let channel = super::search::connected(&self.server, DEADLINE).await?;
        Ok(CoverageServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES))
    }

    /// The answer to a call, which may take the directory a while.
    async fn answered<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> anyhow::Result<T> {
        let _working = Working::on("the directory works it out");
        let answer = call.await;
        let answer = answer.map_err(|status| super::search::refused(&status, &self.server))?;
        Ok(answer.into_inner())
    }

    async fn report(&self) -> anyhow::Result<v1::CoverageReport> {
        let question = Some(self.asked()?);
        let mut client = self.client().await?;
        let request = v1::GetCoverageRequest { question };
        let answer = self.answered(client.get_coverage(request)).await?;
        Ok(answer.report.unwrap_or_default())
    }
}

fn shown<M: prost::Message>(
    json: bool,
    name: &str,
    answer: &M,
    words: impl FnOnce(&M) -> String,
) -> anyhow::Result<()> {
    if json {
        let document = to_json(&format!("referral.v1.{name}"), answer).exit(Exit::Failed)?;
        print(&format!("{document}\n"))
    } else {
        print(&words(answer))
    }
}

/// The county that was typed.
fn county(text: &str) -> Result<CountyFips, String> {
    if let Ok(fips) = CountyFips::parse(text) {
        let known = gazetteer().county(fips);
        return known
            .map(|county| county.fips)
            .ok_or_else(|| "no county has this code".to_owned());
    }
    let (name, state) = text
        .rsplit_once(',')
        .ok_or("a county is its five-digit code, or its name and state: \"Dallas County, TX\"")?;
    let state = gazetteer().state_named(state.trim());
    let state = state.ok_or("no state has this name")?;
    let known = gazetteer().county_named(name.trim(), state.code);
    known
        .map(|county| county.fips)
        .ok_or_else(|| "no county of that state has this name".to_owned())
}
