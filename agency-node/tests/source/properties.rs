//! Laws that hold for any bytes.

use proptest::prelude::*;
use referral_core::hsds::Entity;

use crate::support::{Folder, named, source_ids};

/// Text that looks a little like what the readers expect.
fn nearly_data() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("id,name,status\n".to_owned()),
        Just("{\"id\":\"1\",\"name\":\"n\",\"status\":\"active\"}".to_owned()),
        Just("[".to_owned()),
        Just("\"".to_owned()),
        Just(",".to_owned()),
        Just("\n".to_owned()),
        Just("&#x41;".to_owned()),
        ".{0,12}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        text in nearly_data(),
    ) {
        for name in ["services.csv", "services.json", "services.ndjson", "feed.zip", "feed"] {
            for content in [&bytes[..], text.as_bytes()] {
                let _ = Folder::new().with(name, content).hsds(name);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_map_panic(text in nearly_data(), map in "[a-z\\[\\]={}\" \n]{0,80}") {
        let _ = Folder::new().with("map.toml", &map).with("a.csv", &text).mapped();
    }

    #[test]
    fn every_row_is_a_service_or_named(
        rows in prop::collection::vec(
            ("[0-9]{0,2}", "[A-C ]{0,3}", "(active|inactive|gone|)"), 0..30),
    ) {
        let mut table = "id,name,status\n".to_owned();
        for (id, name, status) in &rows {
            table.extend([id, ",", name, ",", status, "\n"]);
        }
        let imported = Folder::new().with("services.csv", &table).all().expect("read");

        let mut said: Vec<&str> = source_ids(&imported);
        let converted = &imported.converted;
        for list in [&converted.refused, &converted.withheld, &converted.repaired] {
            said.extend(named(list, Entity::Service));
        }
        for (at, (id, name, status)) in rows.iter().enumerate() {
            let line = (at + 2).to_string();
            let blank = [id, name, status].iter().all(|cell| cell.trim().is_empty());
            let key = if id.trim().is_empty() { line.as_str() } else { id.as_str() };
            prop_assert!(blank || said.contains(&key), "row {line} of {table}");
        }
    }
}
