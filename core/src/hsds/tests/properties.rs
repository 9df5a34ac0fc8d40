//! Laws that hold for any rows.

use proptest::prelude::*;

use super::*;

/// A row of any kind with some of its fields, its ids from a small stock so that rows meet.
fn any_row() -> impl Strategy<Value = (Entity, Vec<(String, String)>)> {
    let value = prop_oneof![
        "[1-3]",
        "[A-C]{1,2}",
        Just("yes".to_owned()),
        Just("domestic violence shelter".to_owned()),
        Just("12 Oak Street".to_owned()),
        Just("21209-9941".to_owned()),
        Just("MD".to_owned()),
        Just("39.37".to_owned()),
        Just("2024-02-30".to_owned()),
        ".{0,16}",
    ];
    let fields = prop::collection::vec((any::<prop::sample::Index>(), value), 0..12);
    (prop::sample::select(&Entity::ALL[..]), fields).prop_map(|(entity, fields)| {
        let names = [
            "id",
            "organization_id",
            "service_id",
            "location_id",
            "name",
            "private",
            "status",
        ];
        let names: Vec<&str> = names.iter().chain(entity.fields()).copied().collect();
        let of = |at: prop::sample::Index| names[at.index(names.len())].to_owned();
        let fields = fields.into_iter().map(|(at, value)| (of(at), value));
        (entity, fields.collect())
    })
}

proptest! {
    #[test]
    fn every_record_row_is_a_record_or_named(rows in prop::collection::vec(any_row(), 0..25)) {
        let mut file = File::default();
        for (entity, fields) in &rows {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            file = file.with(*entity, &fields);
        }
        let asked: Vec<Row> = file.0.clone();
        let converted = file.converted();

        let lists = [&converted.refused, &converted.withheld, &converted.repaired];
        for row in asked {
            let kind = match row.entity {
                Entity::Organization => crate::id::Kind::Organization,
                Entity::Location => crate::id::Kind::Location,
                Entity::Service => crate::id::Kind::Service,
                _ => continue,
            };
            let published = converted.records.iter().any(|record| {
                record.kind() == kind
                    && row.id().is_some_and(|id| *record.id() == LocalId::from_source(id))
            });
            let named = lists.iter().any(|list| {
                list.iter()
                    .any(|issue| issue.entity == row.entity && issue.row == row.origin.row)
            });
            prop_assert!(published || named, "{row:?}");
        }
    }

    #[test]
    fn records_refer_only_to_records(rows in prop::collection::vec(any_row(), 0..25)) {
        let mut file = File::default();
        for (entity, fields) in &rows {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            file = file.with(*entity, &fields);
        }
        let converted = file.converted();

        let mut published = std::collections::BTreeSet::new();
        for record in &converted.records {
            for (kind, id) in record.references() {
                prop_assert!(published.contains(&(kind, id.clone())), "{kind:?} {id}");
            }
            prop_assert!(published.insert((record.kind(), record.id().clone())), "twice");
        }
        for report in &converted.reports {
            prop_assert!(published.contains(&(crate::id::Kind::Service, report.service.clone())));
        }
    }
}
