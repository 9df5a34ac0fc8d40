//! Everything that reads what others send, given anything: nothing may panic, hang or grow without bound.
//!
//! Each function is one fuzz target of `fuzz/`, and is tried at every run of the tests with the seeds in
//! `fuzz/seeds` and with those changed at random (`scenarios/tests/anything.rs`). A refusal is a good answer.

use std::path::Path;

use agency_node::source::{self, Input};
use directory_server::ledger::Fact;
use directory_server::rpc::federation::messages;
use jiff::Timestamp;
use prost::Message;
use referral_core::id::AgencyId;
use referral_core::lookalike;
use referral_core::search::Query;
use referral_core::text::{Name, Text, fold};
use referral_proto::v1;
use referral_runtime::tls::{CertificateRequest, JoinToken, Leaf};

/// A name and what it reads.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its folder of seeds.
pub const TARGETS: [Target; 8] = [
    ("operation", operation),
    ("hsds_json", hsds_json),
    ("csv_map", csv_map),
    ("zip", zip),
    ("query", query),
    ("certificate", certificate),
    ("form", form),
    ("journal_record", journal_record),
];

/// The time at which everything is read.
const NOW: Timestamp = Timestamp::constant(1_780_315_200, 0);

/// What a node sends on its stream.
pub fn operation(data: &[u8]) {
    let Ok(request) = v1::PublishRequest::decode(data) else {
        return;
    };
    match request.message {
        Some(v1::publish_request::Message::Operations(batch)) => {
            let _read = messages::operations(batch);
        }
        Some(v1::publish_request::Message::Capacity(batch)) => {
            let _read = messages::reports(batch, NOW);
        }
        Some(v1::publish_request::Message::Hello(hello)) => {
            if let Ok(agency) = AgencyId::parse("harbor") {
                let key = referral_core::id::Hash::of(&[data]);
                let _read = messages::hello(agency, key, &hello);
            }
        }
        Some(v1::publish_request::Message::Fetch(asked)) => {
            let _read = messages::names(asked);
        }
        Some(v1::publish_request::Message::Beat(beat)) => {
            let _read = messages::root(&beat);
        }
        _ => {}
    }
}

/// An HSDS document.
pub fn hsds_json(data: &[u8]) {
    read_files(&[("services.json", data)], |folder| {
        Input::Hsds(folder.join("services.json"))
    });
}

/// A spreadsheet and the map of its columns: the first line that is `---` parts them.
pub fn csv_map(data: &[u8]) {
    let parts = data.windows(5).position(|five| five == b"\n---\n");
    let (map, table) = match parts {
        Some(at) => (&data[..at], &data[at + 5..]),
        None => (&data[..0], data),
    };
    read_files(&[("map.toml", map), ("table.csv", table)], |folder| {
        Input::Csv {
            files: vec![folder.join("table.csv")],
            map: folder.join("map.toml"),
        }
    });
}

/// An archive of tables.
pub fn zip(data: &[u8]) {
    read_files(&[("export.zip", data)], |folder| {
        Input::Hsds(folder.join("export.zip"))
    });
}

/// What somebody types to search.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let _words = fold(&text);
    let _look = lookalike::skeleton(&text);
    if let Ok(name) = Name::parse(&text) {
        let _suspected = lookalike::suspicion(name.as_str());
    }
    let _text = Text::parse(&text);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let query = Query {
        text: first.to_owned(),
        near: rest.to_owned(),
        ..Query::default()
    };
    let _understood = query.understand(referral_gazetteer::gazetteer());
}

/// A certificate request, a certificate, a join token.
pub fn certificate(data: &[u8]) {
    let _request = CertificateRequest::parse(data);
    let _leaf = Leaf::of(data);
    let _token = JoinToken::parse(&String::from_utf8_lossy(data));
}

/// What a form of the pages sends.
pub fn form(data: &[u8]) {
    let _wrong = directory_server::web::wrong_fields(data);
}

/// A record of the directory's journal: its kind, then its bytes.
pub fn journal_record(data: &[u8]) {
    if let Some((kind, bytes)) = data.split_first() {
        let _fact = Fact::decode(*kind, bytes);
    }
}

fn read_files(files: &[(&str, &[u8])], input: impl FnOnce(&Path) -> Input) {
    let Ok(folder) = tempfile::tempdir() else {
        return;
    };
    for (name, content) in files {
        if std::fs::write(folder.path().join(name), content).is_err() {
            return;
        }
    }
    let Ok(agency) = AgencyId::parse("harbor") else {
        return;
    };
    let input = input(folder.path());
    let places = referral_gazetteer::gazetteer();
    let _read = source::read(&input, &agency, places, NOW, &mut |_| {});
}
