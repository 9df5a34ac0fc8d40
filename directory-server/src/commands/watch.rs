//! `directory-server watch`: the public change feed, a line for each thing that was accepted.
//!
//! Every signature is checked before a line is printed. It keeps nothing but each agency's key: who wants a copy
//! of everything folds the lines, or the feed itself (`referral_proto::replica`).

use std::collections::HashMap;

use anyhow::{Context, ensure};
use clap::Args;
use prost::Message as _;
use referral_core::federation::{PublicKey, Purpose, Signature, operation_hash, verify};
use referral_core::id::{AgencyId, hex};
use referral_proto::json::to_json;
use referral_proto::v1;
use referral_proto::v1::feed_entry::Entry;
use referral_proto::v1::watch_response::Message;
use referral_proto::v1::watch_service_client::WatchServiceClient;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::stdout::print;
use serde_json::{Value, json};

use super::search::{DEADLINE, connected, refused};

/// Most bytes of a message: entries of about 256 KiB, and one record may be as large again.
const MESSAGE_BYTES: usize = 4 << 20;

/// What `--help` ends with.
const EXAMPLES: &str = "\
Examples:
  directory-server watch --json > changes.jsonl
  directory-server watch --since 1795390000:52711
  directory-server watch --once";

/// Prints everything public as it is accepted, until it is ended. Without --since everything there is
/// comes first. A line `bookmark` says where to go on from: give it to --since. A line `gone` ends with what the line
/// of the operation ended with that no longer counts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Watch {
    /// The directory's public address
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        env = "REFERRAL_DIRECTORY"
    )]
    server: String,
    /// Go on after this bookmark
    #[arg(long, value_name = "GENERATION:INDEX", value_parser = bookmark)]
    since: Option<v1::WatchRequest>,
    /// End at the first bookmark, when everything there is has been printed
    #[arg(long)]
    once: bool,
    /// Print one JSON document a line, with what was signed beside its exact bytes
    #[arg(long)]
    json: bool,
}

impl Watch {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let channel = connected(&self.server, DEADLINE).await?;
        let mut client = WatchServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES);
        let answer = client.watch(self.since.unwrap_or_default()).await;
        let answer = answer.map_err(|status| refused(&status, &self.server))?;
        let (mut stream, mut reader) = (answer.into_inner(), Reader::default());
        loop {
            let next = stream.message().await;
            let next = next.map_err(|status| refused(&status, &self.server))?;
            let Some(message) = next.and_then(|next| next.message) else {
                return Err(anyhow::anyhow!("the feed has ended: go on with --since"))
                    .exit(Exit::Unreachable);
            };
            let ends = self.once && matches!(message, Message::Bookmark(_));
            print(&reader.lines(message, self.json)?)?;
            if ends {
                return Ok(());
            }
        }
    }
}

/// What is remembered of the feed.
#[derive(Default)]
struct Reader {
    keys: HashMap<String, Vec<u8>>,
}

impl Reader {
    /// A message, line by line.
    fn lines(&mut self, message: Message, json: bool) -> anyhow::Result<String> {
        let mut text = String::new();
        match message {
            Message::Snapshot(begin) => {
                let line = if json {
                    document("SnapshotBegin", "snapshot", &begin)?
                } else {
                    format!("snapshot {}:{}", begin.generation, begin.index)
                };
                text = line + "\n";
            }
            Message::Bookmark(mark) => {
                let line = if json {
                    document("Bookmark", "bookmark", &mark)?
                } else {
                    format!("bookmark {}:{}", mark.generation, mark.index)
                };
                text = line + "\n";
            }
            Message::Entries(entries) => {
                for entry in entries.entries {
                    text += &self.line(&entry, json)?;
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }

    fn line(&mut self, feed: &v1::FeedEntry, json: bool) -> anyhow::Result<String> {
        let entry = feed
            .entry
            .as_ref()
            .context("the feed holds an empty entry")?;
        let (words, says) = match entry {
            Entry::Agency(agency) => (self.agency(agency)?, None),
            Entry::Listing(listing) => {
                let signed = listing.operation.as_ref().context("unsigned listing")?;
                check(
                    &listing.agency_id,
                    &listing.listing_key,
                    Purpose::Listing,
                    signed,
                )?;
                let operation = v1::Operation::decode(signed.bytes.as_slice())?;
                let words = listed(&listing.agency_id, &operation)?;
                let hash = operation_hash(&signed.bytes);
                let words = format!("{words} {}", short(hash.as_bytes()));
                (words, Some(parsed("Operation", &operation)?))
            }
            Entry::Capacity(capacity) => {
                let signed = capacity.report.as_ref().context("unsigned report")?;
                check(
                    &capacity.agency_id,
                    &capacity.listing_key,
                    Purpose::Capacity,
                    signed,
                )?;
                let operation = v1::CapacityOperation::decode(signed.bytes.as_slice())?;
                let words = reported(&capacity.agency_id, &operation)?;
                (words, Some(parsed("CapacityOperation", &operation)?))
            }
            Entry::Gone(gone) => (format!("gone {}", short(&gone.operation_hash)), None),
        };
        if !json {
            return Ok(format!("{} {words}", feed.index));
        }
        let mut line = parsed("FeedEntry", feed)?;
        if let (Some(line), Some(says)) = (line.as_object_mut(), says) {
            line.insert("says".to_owned(), says);
        }
        Ok(line.to_string())
    }

    /// Keeps the first key it sees of an agency, unless a later one names it among the earlier ones.
    fn agency(&mut self, agency: &v1::FeedAgency) -> anyhow::Result<String> {
        let v1::FeedAgency {
            agency_id,
            name,
            listing_key,
            earlier_listing_keys,
            unverified,
        } = agency;
        if let Some(known) = self.keys.get(agency_id) {
            ensure!(
                known == listing_key || earlier_listing_keys.contains(known),
                "the feed gives agency {} another listing key than before",
                plain(agency_id)
            );
        }
        self.keys.insert(agency_id.clone(), listing_key.clone());
        let doubt = if *unverified { " (unverified)" } else { "" };
        Ok(format!(
            "agency {} {}{doubt}",
            plain(agency_id),
            plain(name)
        ))
    }
}

/// What is signed must fit the key it comes with, and name the agency it is said to be of.
fn check(agency: &str, key: &[u8], purpose: Purpose, signed: &v1::Signed) -> anyhow::Result<()> {
    let said = match purpose {
        Purpose::Capacity => v1::CapacityOperation::decode(signed.bytes.as_slice())?.agency_id,
        _ => v1::Operation::decode(signed.bytes.as_slice())?.agency_id,
    };
    let fits = said == agency && AgencyId::parse(agency).is_ok();
    let signature = Signature::try_from(signed.signature.as_slice())?;
    let key = PublicKey::try_from(key)?;
    let verified = verify(&key, purpose, &signed.bytes, &signature);
    ensure!(
        fits && verified.is_ok(),
        "something in the feed is not signed with the key of agency {}",
        plain(agency)
    );
    Ok(())
}

fn listed(agency: &str, operation: &v1::Operation) -> anyhow::Result<String> {
    let change = referral_proto::convert::federation::change(operation.clone());
    let change = change.map_err(|_| anyhow::anyhow!("a record in the feed cannot be read"))?;
    let what = match (&change.record, change.for_good) {
        (Some(_), _) => "published",
        (None, false) => "withdrawn",
        (None, true) => "deleted",
    };
    let (agency, kind, id) = (plain(agency), change.kind, change.id);
    Ok(format!("{what} {agency} {kind} {id}"))
}

fn reported(agency: &str, operation: &v1::CapacityOperation) -> anyhow::Result<String> {
    let report = operation.report.as_ref().context("an empty report")?;
    let state = v1::CapacityState::try_from(report.state).unwrap_or_default();
    let state = state.as_str_name().trim_start_matches("CAPACITY_STATE_");
    Ok(format!(
        "reported {} {} {}",
        plain(agency),
        plain(&report.service_id),
        state.to_lowercase()
    ))
}

/// A message as one value with one name.
fn document(type_name: &str, name: &str, message: &impl prost::Message) -> anyhow::Result<String> {
    Ok(json!({ name: parsed(type_name, message)? }).to_string())
}

fn parsed(type_name: &str, message: &impl prost::Message) -> anyhow::Result<Value> {
    let text = to_json(&format!("referral.v1.{type_name}"), message)?;
    Ok(serde_json::from_str(&text)?)
}

/// What a line `gone` names the operation by that no longer counts, and the line of that operation before.
fn short(hash: &[u8]) -> String {
    hex(hash.get(..8).unwrap_or(hash))
}

/// Text from afar on a terminal: control characters say nothing there.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .collect()
}

fn bookmark(text: &str) -> Result<v1::WatchRequest, &'static str> {
    let wrong = "write it as a line `bookmark` says it, such as 1795390000:52711";
    let (generation, index) = text.split_once(':').ok_or(wrong)?;
    let generation = generation.parse().map_err(|_| wrong)?;
    let since_index = index.parse().map_err(|_| wrong)?;
    Ok(v1::WatchRequest {
        generation,
        since_index,
    })
}
