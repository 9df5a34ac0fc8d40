//! Agencies without nodes: keys, certificates and logs in memory.

use std::path::Path;
use std::sync::Arc;

use directory_server::config::Config;
use directory_server::life::Start;
use directory_server::operations::{Directory, JoinRequest};
use jiff::Timestamp;
use prost::Message;
use referral_core::catalog::Record;
use referral_core::federation::digest::{Digest, bits_for};
use referral_core::federation::{
    Ancestry, Chain, Change, ListingKey, Purpose, Signature, operation_hash,
};
use referral_core::id::{AgencyId, Hash, RecordName};
use referral_core::policy::Viewer;
use referral_proto::convert::federation::operation;
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::tls::{Address, Dialer, Identity, NewKey, Trust, certificate_to_pem};
use std::collections::HashMap;
use tokio::task::JoinSet;

use crate::approval::approve;

/// How many agencies join at the same time.
const AT_ONCE: usize = 64;

/// One agency that has joined.
pub(super) struct Member {
    pub(super) agency: AgencyId,
    pub(super) chain: Chain,
    pub(super) cseq: u64,
    identity: Identity,
    authority: Vec<u8>,
    key: ListingKey,
    bases: HashMap<RecordName, Hash>,
}

/// Lets so many agencies into the directory in `data`, which no process holds.
pub(super) async fn enrol(data: &Path, count: usize) -> anyhow::Result<Vec<Member>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (held, directory) = {
        let (data, clock) = (data.to_owned(), Arc::clone(&clock));
        let open =
            move || directory_server::serve::open(&data, &Config::default(), Start::Usual, &clock);
        tokio::task::spawn_blocking(open).await??
    };
    let mut joining = JoinSet::new();
    let mut members = Vec::with_capacity(count);
    for number in 0..count {
        if joining.len() >= AT_ONCE
            && let Some(member) = joining.join_next().await
        {
            members.push(member??);
        }
        joining.spawn(join(Arc::clone(&directory), number));
    }
    while let Some(member) = joining.join_next().await {
        members.push(member??);
    }
    tokio::task::spawn_blocking(move || directory.close()).await?;
    drop(held);
    Ok(members)
}

async fn join(directory: Arc<Directory>, number: usize) -> anyhow::Result<Member> {
    let name = format!("agency-{number}");
    let token = directory
        .enrol(&Viewer::at_the_machine(), &name, &name)
        .await?;
    approve(&directory, &AgencyId::parse(&name)?).await?;
    let tls = NewKey::generate()?;
    let request = tls.request()?;
    let seed = Hash::of(&[name.as_bytes()]);
    let key = ListingKey::from_seed(seed.as_bytes());
    let joined = directory
        .join(JoinRequest {
            token_hash: token.hash(),
            proof: key.sign(Purpose::Listing, &request),
            listing_key: key.public(),
            certificate_request: request,
        })
        .await?;
    let chain_pem = certificate_to_pem(&[joined.certificate.into()]);
    Ok(Member {
        agency: joined.agency,
        chain: Chain::start(joined.epoch),
        cseq: 0,
        identity: Identity::from_pem(chain_pem.as_bytes(), tls.reveal_pem().as_bytes())?,
        authority: joined.authority,
        key,
        bases: HashMap::new(),
    })
}

impl Member {
    /// How it connects.
    pub(super) fn dialer(&self, directory: &Address) -> anyhow::Result<Dialer> {
        let trust = Trust::Authority(self.authority.clone().into());
        let clock = Arc::new(SystemClock::new());
        Ok(Dialer::new(
            directory.clone(),
            &trust,
            Some(&self.identity),
            clock,
        )?)
    }

    /// Its first word on a stream: it knows the outcome of everything it wrote.
    pub(super) fn hello(&self) -> v1::PublishHello {
        v1::PublishHello {
            generation_seen: self.chain.epoch.generation,
            epoch: Some(self.chain.epoch.into()),
            seq: self.chain.applied,
            head: self.chain.head.as_bytes().to_vec(),
            boot: rand::random::<[u8; 16]>().to_vec(),
            user_agent: "load".to_owned(),
            acknowledged: self.chain.applied,
            capacity_acknowledged: self.cseq,
        }
    }

    /// The root of the digest of its records.
    pub(super) fn root(&self) -> Hash {
        let records = self.bases.iter().map(|(name, hash)| (name, *hash));
        Digest::of(records, bits_for(self.bases.len())).root()
    }

    /// The next operation of its log.
    pub(super) fn publish(&mut self, record: Record, now: Timestamp) -> v1::Signed {
        let name = RecordName {
            kind: record.kind(),
            id: record.id().clone(),
        };
        let base = self.bases.get(&name).copied();
        let change = Change {
            kind: record.kind(),
            id: record.id().clone(),
            base,
            made_at: now,
            record: Some(record),
            for_good: false,
            ancestors: Ancestry::default(),
        };
        let bytes = operation(&self.agency, &self.chain, &change).encode_to_vec();
        let hash = operation_hash(&bytes);
        self.bases.insert(name, hash);
        self.chain = self.chain.followed_by(hash);
        signed(self.key.sign(Purpose::Listing, &bytes), bytes)
    }

    /// The next report of its capacity.
    pub(super) fn report(&mut self, report: v1::CapacityReport) -> v1::Signed {
        self.cseq += 1;
        let operation = v1::CapacityOperation {
            agency_id: self.agency.to_string(),
            epoch: Some(self.chain.epoch.into()),
            cseq: self.cseq,
            report: Some(report),
            earlier: vec![],
        };
        let bytes = operation.encode_to_vec();
        signed(self.key.sign(Purpose::Capacity, &bytes), bytes)
    }
}

fn signed(signature: Signature, bytes: Vec<u8>) -> v1::Signed {
    v1::Signed {
        signature: signature.as_bytes().to_vec(),
        bytes,
    }
}
