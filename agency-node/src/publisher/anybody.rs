//! Reads what the directory serves to everybody, as anybody does: at its public address and without a certificate.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use referral_core::id::Hash;
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use referral_runtime::causes::one_line;
use referral_runtime::tls::reach;
use tokio::time::{sleep, timeout};
use tonic::transport::Channel;

use crate::catalog::RecordName;
use crate::operations::{Node, Public, Served};
use crate::outbox::Theirs;
use crate::outbox::codec::harmless;

/// The most records asked for at once: an answer is small enough for a slow link.
const TOGETHER: usize = 100;
/// How long all of it may take. What is not read by then is read on another day: each begins somewhere else.
const WHOLE: Duration = Duration::from_mins(5);
/// How often what is served otherwise is asked for again: what was just acknowledged is served a little later.
const AGAIN: u32 = 3;
/// How long to wait before that.
const PAUSE: Duration = Duration::from_secs(2);
/// The most characters of what is told of a failure.
const TOLD: usize = 300;

type Asked = CatalogServiceClient<Channel>;
type Records = BTreeMap<RecordName, Served>;
type Published = BTreeMap<RecordName, Hash>;

/// Compares what the directory serves over the node's own stream, and what it serves to everybody, with what this node
/// published.
pub(super) async fn verify(node: Arc<Node>, theirs: Theirs, told: u64, asked: u64) {
    let mut public = Public::default();
    let read = timeout(WHOLE, read(&node, told, &mut public.served)).await;
    public.problem = match read {
        Ok(Ok(())) => String::new(),
        Ok(Err(problem)) => problem,
        Err(_) => "it did not answer in time".to_owned(),
    };
    let _stopping = node
        .run(move |node| node.verify(&theirs, public, told, asked))
        .await;
}

async fn read(node: &Arc<Node>, told: u64, served: &mut Records) -> Result<(), String> {
    let site = node.public_site();
    let site = site.ok_or("the directory did not say where its public pages are")?;
    let channel = reach(&site).await.map_err(|error| one_line(&error))?;
    let mut client = CatalogServiceClient::new(channel);
    let published = node.run(Node::published).await;
    let published = published.map_err(|_| "the node is stopping")?;
    let mut names: Vec<RecordName> = published.keys().cloned().collect();
    let first = rand::rng().random_range(0..=names.len());
    names.rotate_left(first);
    for again in 0..=AGAIN {
        ask(&mut client, node, &names, &published, served).await?;
        let now = served.clone();
        let unlike = node.run(move |node| node.unlike(&now, told)).await;
        names = unlike.map_err(|_| "the node is stopping")?;
        if names.is_empty() {
            break;
        }
        if again < AGAIN {
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Asks for records until all of them were answered.
async fn ask(
    client: &mut Asked,
    node: &Node,
    names: &[RecordName],
    published: &Published,
    served: &mut Records,
) -> Result<(), String> {
    let mut rest = names;
    while !rest.is_empty() {
        let (now, _) = rest.split_at(rest.len().min(TOGETHER));
        let request = v1::GetSignedRequest {
            agency_id: node.membership().agency.to_string(),
            records: now.iter().map(wire).collect(),
        };
        let answer = client.get_signed(request).await;
        let answer = answer.map_err(|status| harmless(status.message(), TOLD))?;
        let records = answer.into_inner().records;
        // An answer may end early: then the rest is asked for.
        if records.is_empty() || records.len() > now.len() {
            return Err("it gave another answer than was asked for".to_owned());
        }
        rest = &rest[records.len()..];
        served.extend(now.iter().zip(records).filter_map(|(name, record)| {
            let ours = *published.get(name)?;
            Some((name.clone(), Served::read(record.operation, ours)))
        }));
    }
    Ok(())
}

fn wire(name: &RecordName) -> v1::RecordName {
    v1::RecordName {
        kind: v1::RecordKind::from(name.kind).into(),
        local_id: name.id.to_string(),
    }
}
