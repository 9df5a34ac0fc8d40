//! `referral.v1.CatalogService`: signed records for who asks.

use std::sync::Arc;

use referral_core::id::{AgencyId, Kind, LocalId, RecordName};
use referral_proto::convert::{Violations, time};
use referral_proto::v1;
use referral_proto::v1::catalog_service_server::CatalogService;
use tokio::task::spawn_blocking;
use tonic::{Request, Response, Status};

use super::search::notice;
use super::status::{invalid, of_signed};
use super::viewer::viewer_of;
use crate::operations::{Directory, ServedRecord, SignedRecords, Withheld};

/// Most records asked for at once.
const RECORDS: usize = 500;

/// Signed records of a directory.
#[derive(Clone, Debug)]
pub struct CatalogRpc {
    directory: Arc<Directory>,
}

impl CatalogRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

#[tonic::async_trait]
impl CatalogService for CatalogRpc {
    #[tracing::instrument(name = "referral.v1.CatalogService/GetSigned", skip_all)]
    async fn get_signed(
        &self,
        request: Request<v1::GetSignedRequest>,
    ) -> Result<Response<v1::GetSignedResponse>, Status> {
        let viewer = viewer_of(&request);
        let (agency, asked) = read(&request.into_inner()).map_err(|v| invalid(&v))?;
        let directory = Arc::clone(&self.directory);
        let signed = spawn_blocking(move || directory.signed(&viewer, &agency, asked)).await;
        let signed = signed.map_err(|_| Status::internal("signed records cannot be read"))?;
        Ok(Response::new(signed.map_err(|e| of_signed(&e))?.into()))
    }
}

fn read(request: &v1::GetSignedRequest) -> Result<(AgencyId, Vec<RecordName>), Violations> {
    let agency = AgencyId::parse(&request.agency_id)
        .map_err(|_| Violations::one("agency_id", "invalid", "this is no agency's id"))?;
    if request.records.is_empty() || request.records.len() > RECORDS {
        let text = "ask for 1 to 500 records at once";
        return Err(Violations::one("records", "number", text));
    }
    let names = request.records.iter().enumerate();
    let names = names.map(|(at, name)| {
        let wrong =
            |field: &str, text| Violations::one(&format!("records[{at}].{field}"), "invalid", text);
        let kind = v1::RecordKind::try_from(name.kind).ok();
        let kind = kind.and_then(|kind| Kind::try_from(kind).ok());
        let kind = kind.ok_or_else(|| wrong("kind", "say what the record is"))?;
        let id = LocalId::parse(&name.local_id);
        let id = id.map_err(|_| wrong("local_id", "this is no record's id"))?;
        Ok(RecordName { kind, id })
    });
    Ok((agency, names.collect::<Result<_, _>>()?))
}

impl From<SignedRecords> for v1::GetSignedResponse {
    fn from(signed: SignedRecords) -> Self {
        Self {
            as_of: Some(signed.as_of.into()),
            listing_key: signed.listing_key.as_bytes().to_vec(),
            records: signed.records.into_iter().map(Into::into).collect(),
            notices: signed.notices.into_iter().map(notice).collect(),
        }
    }
}

impl From<ServedRecord> for v1::SignedRecord {
    fn from(served: ServedRecord) -> Self {
        let withheld = served.withheld.map_or("", Withheld::code);
        let (operation, received_at, key) = match served.operation {
            Some((signed, received_at, key)) => (Some(signed), Some(received_at), Some(key)),
            None => (None, None, None),
        };
        Self {
            name: Some(v1::RecordName {
                kind: v1::RecordKind::from(served.name.kind).into(),
                local_id: served.name.id.to_string(),
            }),
            operation: operation.map(Into::into),
            listing_key: key.map(|key| key.as_bytes().to_vec()).unwrap_or_default(),
            received_at: received_at.map(time::to_wire),
            withheld: withheld.to_owned(),
            reports: served
                .reports
                .into_iter()
                .map(|report| v1::SignedReport {
                    report: Some(report.signed.into()),
                    received_at: Some(time::to_wire(report.received_at)),
                    ttl_s: report.ttl.seconds(),
                    listing_key: report.listing_key.as_bytes().to_vec(),
                })
                .collect(),
        }
    }
}
