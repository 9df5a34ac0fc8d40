//! `referral.v1.CoverageService`.

use std::sync::Arc;

use referral_core::coverage::{Measured, Query, Report};
use referral_core::geo::CountyFips;
use referral_core::policy::Viewer;
use referral_gazetteer::gazetteer;
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::coverage_service_server::CoverageService;
use tonic::{Code, Request, Response, Status};

use super::status::{invalid, of_coverage, status};
use super::viewer::viewer_of;
use crate::export::Form;
use crate::operations::{Directory, Trend, TrendPoint};

/// Weeks of a trend when the asker does not say.
const WEEKS: u32 = 26;
/// Most additions in one comparison.
const ADDITIONS: usize = 100;
/// Providers that are placed when the asker does not say, and the most.
const PROVIDERS: u32 = 5;
const MOST_PROVIDERS: u32 = 100;
/// Most places of one addition.
const PLACES: u32 = 1_000_000;

/// The coverage service over a directory.
#[derive(Clone, Debug)]
pub struct CoverageRpc {
    directory: Arc<Directory>,
}

impl CoverageRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }

    async fn report(
        &self,
        viewer: &Viewer,
        question: Option<v1::CoverageQuestion>,
    ) -> Result<Arc<Report>, Status> {
        let query = query(question)?;
        let report = self.directory.coverage(viewer, &query).await;
        report.map_err(of_coverage)
    }
}

#[tonic::async_trait]
impl CoverageService for CoverageRpc {
    #[tracing::instrument(name = "referral.v1.CoverageService/GetCoverage", skip_all)]
    async fn get_coverage(
        &self,
        request: Request<v1::GetCoverageRequest>,
    ) -> Result<Response<v1::GetCoverageResponse>, Status> {
        let viewer = viewer_of(&request);
        let report = self.report(&viewer, request.into_inner().question).await?;
        Ok(Response::new(v1::GetCoverageResponse {
            report: Some(convert::coverage::report(&report, &called)),
        }))
    }

    #[tracing::instrument(name = "referral.v1.CoverageService/GetCoverageTrend", skip_all)]
    async fn get_coverage_trend(
        &self,
        request: Request<v1::GetCoverageTrendRequest>,
    ) -> Result<Response<v1::GetCoverageTrendResponse>, Status> {
        let viewer = viewer_of(&request);
        let v1::GetCoverageTrendRequest { question, weeks } = request.into_inner();
        let query = query(question)?;
        let weeks = if weeks == 0 { WEEKS } else { weeks };
        let trend = self.directory.coverage_trend(&viewer, &query, weeks).await;
        Ok(Response::new(trend.map_err(of_coverage)?.into()))
    }

    #[tracing::instrument(name = "referral.v1.CoverageService/CompareCoverage", skip_all)]
    async fn compare_coverage(
        &self,
        request: Request<v1::CompareCoverageRequest>,
    ) -> Result<Response<v1::CompareCoverageResponse>, Status> {
        let viewer = viewer_of(&request);
        let v1::CompareCoverageRequest {
            question,
            additions,
        } = request.into_inner();
        let query = query(question)?;
        if !(1..=ADDITIONS).contains(&additions.len()) {
            let text = "additions: name 1 to 100 places";
            return Err(status(Code::InvalidArgument, "ADDITIONS_INVALID", text));
        }
        let mut added = Vec::with_capacity(additions.len());
        for v1::CoverageAddition { place, places } in additions {
            if !(1..=PLACES).contains(&places) {
                let text = "additions.places: 1 to 1,000,000";
                return Err(status(Code::InvalidArgument, "PLACES_INVALID", text));
            }
            let addition = self.directory.addition(&place, places);
            added.push(addition.map_err(of_coverage)?);
        }
        let compared = self
            .directory
            .coverage_what_if(&viewer, &query, added)
            .await;
        let compared = compared.map_err(of_coverage)?;
        Ok(Response::new(v1::CompareCoverageResponse {
            before: Some(convert::coverage::report(&compared.before, &called)),
            after: Some(convert::coverage::report(&compared.after, &called)),
        }))
    }

    #[tracing::instrument(name = "referral.v1.CoverageService/PlaceProviders", skip_all)]
    async fn place_providers(
        &self,
        request: Request<v1::PlaceProvidersRequest>,
    ) -> Result<Response<v1::PlaceProvidersResponse>, Status> {
        let viewer = viewer_of(&request);
        let v1::PlaceProvidersRequest {
            question,
            providers,
        } = request.into_inner();
        let query = query(question)?;
        let providers = match providers {
            0 => PROVIDERS,
            1..=MOST_PROVIDERS => providers,
            _ => {
                let text = "providers: 1 to 100";
                return Err(status(Code::InvalidArgument, "PROVIDERS_INVALID", text));
            }
        };
        let providers = usize::try_from(providers).unwrap_or(usize::MAX);
        let placement = self
            .directory
            .coverage_placement(&viewer, &query, providers)
            .await;
        let placed = placement.map_err(of_coverage)?.placed;
        let placed = placed
            .iter()
            .map(|one| convert::coverage::placed(one, &called));
        Ok(Response::new(v1::PlaceProvidersResponse {
            placed: placed.collect(),
        }))
    }

    #[tracing::instrument(name = "referral.v1.CoverageService/ExportCoverage", skip_all)]
    async fn export_coverage(
        &self,
        request: Request<v1::ExportCoverageRequest>,
    ) -> Result<Response<v1::ExportCoverageResponse>, Status> {
        let viewer = viewer_of(&request);
        let v1::ExportCoverageRequest { question, format } = request.into_inner();
        let form = match v1::CoverageFormat::try_from(format) {
            Ok(v1::CoverageFormat::Unspecified | v1::CoverageFormat::Csv) => Form::Csv,
            Ok(v1::CoverageFormat::Geojson) => Form::GeoJson,
            Ok(v1::CoverageFormat::Json) => Form::Json,
            Err(_) => {
                let text = "format: this version does not know it";
                return Err(status(Code::InvalidArgument, "FORMAT_UNKNOWN", text));
            }
        };
        let report = self.report(&viewer, question).await?;
        Ok(Response::new(v1::ExportCoverageResponse {
            file_name: file_name(&report, form),
            media_type: form.media_type().to_owned(),
            content: form.write(&report, None).into_bytes(),
        }))
    }

    #[tracing::instrument(name = "referral.v1.CoverageService/ListDemand", skip_all)]
    async fn list_demand(
        &self,
        request: Request<v1::ListDemandRequest>,
    ) -> Result<Response<v1::ListDemandResponse>, Status> {
        let viewer = viewer_of(&request);
        let directory = Arc::clone(&self.directory);
        let tables = tokio::task::spawn_blocking(move || directory.demands(&viewer)).await;
        let tables = tables.map_err(|_| status(Code::Internal, "DEMAND_FAILED", "try again"))?;
        let tables = tables.map_err(of_coverage)?;
        Ok(Response::new(v1::ListDemandResponse {
            tables: tables.iter().map(|table| table.as_ref().into()).collect(),
        }))
    }
}

fn query(question: Option<v1::CoverageQuestion>) -> Result<Query, Status> {
    convert::coverage::query(question).map_err(|violations| invalid(&violations))
}

/// How a county is called.
fn called(county: CountyFips) -> String {
    let known = gazetteer().county(county);
    known.map_or_else(
        || format!("county {county}"),
        |county| format!("{}, {}", county.name, county.state),
    )
}

fn file_name(report: &Report, form: Form) -> String {
    let measure = Measured::of(&report.question.measure).as_str();
    let day = report.question.as_of.strftime("%Y-%m-%d");
    format!("coverage-{measure}-{day}.{}", form.extension())
}

impl From<Trend> for v1::GetCoverageTrendResponse {
    fn from(trend: Trend) -> Self {
        Self {
            measure: v1::CoverageMeasure::from(&trend.question.measure).into(),
            quantity: v1::CoverageQuantity::from(trend.quantity).into(),
            demand: Some((&trend.demand).into()),
            points: trend
                .points
                .iter()
                .map(|point| point.as_ref().into())
                .collect(),
        }
    }
}

impl From<&TrendPoint> for v1::CoverageTrendPoint {
    fn from(point: &TrendPoint) -> Self {
        Self {
            at: Some(convert::time::to_wire(point.at)),
            summary: Some((&point.summary).into()),
            supply: Some((&point.supply).into()),
        }
    }
}
