//! Coverage over gRPC.

use referral_core::coverage::Measured;
use referral_core::policy::Viewer;
use referral_proto::v1;
use referral_proto::v1::coverage_amount::Amount;
use referral_proto::v1::coverage_service_client::CoverageServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::bond;
use crate::support::House;
use crate::support::town::town;

#[expect(clippy::unnecessary_wraps, reason = "a request holds it so")]
fn question(change: impl FnOnce(&mut v1::CoverageQuestion)) -> Option<v1::CoverageQuestion> {
    let mut question = v1::CoverageQuestion {
        filter: Some(v1::SearchRequest {
            need: vec!["lc:bond".to_owned()],
            ..v1::SearchRequest::default()
        }),
        ..v1::CoverageQuestion::default()
    };
    change(&mut question);
    Some(question)
}

async fn asked(
    house: &House,
    change: impl FnOnce(&mut v1::CoverageQuestion),
) -> Result<v1::CoverageReport, Status> {
    let mut client =
        CoverageServiceClient::new(house.visit().await).max_decoding_message_size(64 << 20);
    let request = v1::GetCoverageRequest {
        question: question(change),
    };
    client
        .get_coverage(request)
        .await
        .map(|answer| answer.into_inner().report.unwrap())
}

#[tokio::test]
async fn a_report_says_what_the_operation_says() {
    let house = town().await;

    let told = asked(&house, |_| ()).await.unwrap();

    let made = house
        .directory
        .coverage(&Viewer::anybody(), &bond(Measured::NearestOpen))
        .await
        .unwrap();
    assert_eq!(told.counties.len(), made.counties.len());
    assert_eq!(told.supply.unwrap().open, made.supply.open);
    let frio = told.counties.iter().find(|row| row.county_fips == "48163");
    let frio = frio.unwrap();
    assert_eq!(frio.name, "Frio County, TX");
    assert!(frio.open_here >= 3);
    let nearest = &frio.nearest[0].service_id;
    let named = told.providers.iter().find(|one| one.service_id == *nearest);
    assert!(named.is_some_and(|one| one.service.ends_with("Clinic")));
    assert_eq!(told.quantity(), v1::CoverageQuantity::Kilometres);
    assert!(!told.method.is_empty());
    assert_eq!(told.demand.unwrap().name, "Residents");
}

#[tokio::test]
async fn every_field_at_fault_is_named_by_its_path() {
    let house = House::new().await;

    let refused = asked(&house, |question| {
        question.within_miles = 1_000.0;
        question.filter = Some(v1::SearchRequest {
            need: vec!["bond".to_owned()],
            ..v1::SearchRequest::default()
        });
    })
    .await
    .unwrap_err();

    assert_eq!(refused.code(), Code::InvalidArgument);
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = fields.iter().map(|fault| fault.field.as_str()).collect();
    assert!(fields.contains(&"question.filter.need"), "{fields:?}");

    let unknown = asked(&house, |question| "Moon".clone_into(&mut question.demand)).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn places_added_where_nobody_is_bring_help_near() {
    let house = town().await;
    let mut client =
        CoverageServiceClient::new(house.visit().await).max_decoding_message_size(64 << 20);
    let request = v1::CompareCoverageRequest {
        question: question(|question| {
            question.measure = v1::CoverageMeasure::CoverageAt.into();
        }),
        additions: vec![v1::CoverageAddition {
            place: "21202".to_owned(),
            places: 5,
        }],
    };

    let compared = client.compare_coverage(request).await.unwrap().into_inner();

    let share = |report: Option<v1::CoverageReport>| {
        let counties = report.unwrap().counties;
        let baltimore = counties.iter().find(|row| row.county_fips == "24510");
        let figure = baltimore.unwrap().figure.unwrap();
        figure.value.unwrap().amount
    };
    assert_eq!(share(compared.before), Some(Amount::Number(0.0)));
    assert_eq!(share(compared.after), Some(Amount::Number(1.0)));
}

#[tokio::test]
async fn files_and_tables_and_weeks_are_asked_for_in_the_same_way() {
    let house = town().await;
    let mut client =
        CoverageServiceClient::new(house.visit().await).max_decoding_message_size(64 << 20);

    let file = client
        .export_coverage(v1::ExportCoverageRequest {
            question: question(|_| ()),
            format: v1::CoverageFormat::Csv.into(),
        })
        .await
        .unwrap()
        .into_inner();
    let tables = client.list_demand(v1::ListDemandRequest {}).await.unwrap();
    let trend = client
        .get_coverage_trend(v1::GetCoverageTrendRequest {
            question: question(|_| ()),
            weeks: 2,
        })
        .await
        .unwrap();

    assert_eq!(file.file_name, "coverage-nearest_open-2026-06-01.csv");
    let text = String::from_utf8(file.content).unwrap();
    assert!(
        text.contains("Frio County") && text.contains('#'),
        "{}",
        &text[..400]
    );
    let tables = tables.into_inner().tables;
    assert_eq!((tables.len(), tables[0].name.as_str()), (1, "Residents"));
    assert!(tables[0].people > 300e6);
    assert_eq!(trend.into_inner().points.len(), 3);
}
