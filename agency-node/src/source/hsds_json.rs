//! HSDS as JSON: single objects, full or minimal, pages of them, lists, and the tabular form in JSON.
//!
//! Nested objects become rows of their own that name what they were nested in.

use referral_core::hsds::{Entity, Row, RowIndex};

use super::json::Json;
use super::tray::Tray;

/// An object that rows are nested in.
struct Owner {
    entity: Entity,
    at: RowIndex,
    id: Option<String>,
    /// The nearest organization, location, service or offer around it, itself included: what an
    /// attribute belongs to.
    record: Option<(Entity, String)>,
}

/// Flattens a document into rows; false when there is no HSDS object in it.
///
/// * `hint` — what the file's name says its objects are.
/// * `line` — the line of an NDJSON file that the document is; empty elsewhere.
pub(super) fn flatten(tray: &mut Tray<'_>, json: &Json, hint: Option<Entity>, line: &str) -> bool {
    if is_schema(json) {
        return false;
    }
    match json {
        Json::List(_) => flatten_list(tray, json, hint, line),
        Json::Object(members) => {
            if let Some(page @ Json::List(_)) = json.get("contents") {
                return flatten_list(tray, page, hint, &format!("{line}/contents"));
            }
            if let Some(entity) = entity_of(json).or(hint).filter(|_| is_object(json)) {
                push(tray, entity, json, None, line.to_owned());
                return true;
            }
            flatten_tables(tray, members, line)
        }
        Json::Null | Json::Scalar(_) => false,
    }
}

fn flatten_list(tray: &mut Tray<'_>, list: &Json, hint: Option<Entity>, pointer: &str) -> bool {
    let Json::List(items) = list else {
        return false;
    };
    let known = |item: &Json| entity_of(item).or(hint).filter(|_| is_object(item));
    // A list without a single object that is known is another program's.
    if !items.iter().any(|item| known(item).is_some()) {
        return false;
    }
    for (at, item) in items.iter().enumerate() {
        let pointer = format!("{pointer}/{at}");
        match known(item) {
            Some(entity) => {
                push(tray, entity, item, None, pointer);
            }
            None if is_other_hsds(item) => {}
            None => tray.refuse(Entity::Service, pointer, "object_unknown", UNKNOWN),
        }
    }
    true
}

/// Why an object among others was not taken.
pub(super) const UNKNOWN: &str =
    "it is no HSDS object that is known here: a service has a name and a status";

/// `{"services.csv": [...], "phones.csv": [...]}` or `{"services": [...]}`: tables in one document.
fn flatten_tables(tray: &mut Tray<'_>, members: &[(String, Json)], line: &str) -> bool {
    let mut found = false;
    for (key, value) in members {
        let name = key.strip_suffix(".csv").unwrap_or(key);
        if let (Some(entity), Json::List(items)) = (Entity::named(name), value) {
            for (at, item) in items.iter().enumerate() {
                let pointer = format!("{line}/{}/{at}", escaped(key));
                push(tray, entity, item, None, pointer);
            }
            found = true;
        }
    }
    found
}

fn push(
    tray: &mut Tray<'_>,
    entity: Entity,
    json: &Json,
    owner: Option<&Owner>,
    pointer: String,
) -> Option<String> {
    let Json::Object(members) = json else {
        return push_word(tray, entity, json, owner?, pointer);
    };
    let mut row = tray.row(entity, pointer.clone());
    if let Some(owner) = owner {
        belong(&mut row, owner);
    }
    for (key, value) in members {
        if let Json::Scalar(text) = value {
            row.set(key.as_str(), text.as_str());
        }
    }
    let id = id_of(&mut row, &pointer);
    let at = tray.put(row);
    let owner = Owner {
        entity,
        at,
        record: record_around(entity, id.as_deref(), owner),
        id: id.clone(),
    };
    for (key, value) in members {
        push_member(
            tray,
            &owner,
            key,
            value,
            &format!("{pointer}/{}", escaped(key)),
        );
    }
    id
}

/// An object or list inside an object.
fn push_member(tray: &mut Tray<'_>, owner: &Owner, key: &str, value: &Json, pointer: &str) {
    let Some(entity) = Entity::named(key) else {
        return;
    };
    match value {
        Json::List(items) => {
            for (at, item) in items.iter().enumerate() {
                let pointer = format!("{pointer}/{at}");
                push_child(tray, owner, entity, item, pointer);
            }
        }
        Json::Object(_) => push_child(tray, owner, entity, value, pointer.to_owned()),
        Json::Null | Json::Scalar(_) => {}
    }
}

fn push_child(tray: &mut Tray<'_>, owner: &Owner, entity: Entity, item: &Json, pointer: String) {
    let named_by_owner = format!("{entity}_id");
    let explains = owner.entity.has_field(&named_by_owner);
    if entity == Entity::TaxonomyTerm && owner.entity != Entity::Attribute {
        push_direct_term(tray, owner, item, pointer);
        return;
    }
    if matches!(item, Json::Null) {
        return;
    }
    let id = push(tray, entity, item, Some(owner), pointer);
    if let (true, Some(id), Some(row)) = (explains, id, tray.drafts.row_mut(owner.at)) {
        row.set(named_by_owner, id);
    }
}

/// A term that hangs on a record without an attribute between them, as older versions of HSDS have it.
fn push_direct_term(tray: &mut Tray<'_>, owner: &Owner, item: &Json, pointer: String) {
    let mut attribute = tray.row(Entity::Attribute, pointer.clone());
    belong(&mut attribute, owner);
    if let Some(id) = push(tray, Entity::TaxonomyTerm, item, Some(owner), pointer) {
        attribute.set("taxonomy_term_id", id);
        tray.put(attribute);
    }
}

/// A word where an object is usual: `"languages": ["Spanish"]`.
fn push_word(
    tray: &mut Tray<'_>,
    entity: Entity,
    json: &Json,
    owner: &Owner,
    pointer: String,
) -> Option<String> {
    let (Some(field), Json::Scalar(word)) = (main_field(entity), json) else {
        return None;
    };
    let mut row = tray.row(entity, pointer);
    belong(&mut row, owner);
    row.set(field, word.as_str());
    tray.put(row);
    None
}

/// Names in the row what it belongs to.
fn belong(row: &mut Row, owner: &Owner) {
    row.within = Some(owner.at);
    if row.entity == Entity::Attribute {
        if let Some((entity, id)) = &owner.record {
            row.set(format!("{entity}_id"), id.as_str());
        }
        return;
    }
    let link = format!("{}_id", owner.entity);
    if let Some(id) = owner.id.as_deref().filter(|_| row.entity.has_field(&link)) {
        row.set(link, id);
    }
}

/// The row's id; rows that others hang on get one when the file gives none.
fn id_of(row: &mut Row, pointer: &str) -> Option<String> {
    let needs_one = matches!(
        row.entity,
        Entity::ServiceAtLocation
            | Entity::Contact
            | Entity::Phone
            | Entity::Unit
            | Entity::TaxonomyTerm
    );
    if needs_one && row.id().is_none() {
        row.set("id", format!("~{}{pointer}", row.origin.file));
    }
    row.id().map(str::to_owned)
}

/// An attribute of an address speaks of its location; of a telephone, of nothing that is carried.
fn record_around(
    entity: Entity,
    id: Option<&str>,
    owner: Option<&Owner>,
) -> Option<(Entity, String)> {
    match entity {
        Entity::Organization | Entity::Location | Entity::Service | Entity::ServiceAtLocation => {
            id.map(|id| (entity, id.to_owned()))
        }
        Entity::Address | Entity::Accessibility => owner?.record.clone(),
        _ => None,
    }
}

fn main_field(entity: Entity) -> Option<&'static str> {
    match entity {
        Entity::Language | Entity::ServiceArea => Some("name"),
        Entity::Phone => Some("number"),
        Entity::RequiredDocument => Some("document"),
        Entity::Funding => Some("source"),
        Entity::Accessibility | Entity::Schedule => Some("description"),
        Entity::Attribute => Some("label"),
        _ => None,
    }
}

/// What an object is, by the keys that only it has.
fn entity_of(json: &Json) -> Option<Entity> {
    let has = |keys: &[&str]| keys.iter().any(|key| json.get(key).is_some());
    let named = has(&["name"]);
    if !named
        && (has(&["service"])
            || has(&["location"])
            || (has(&["service_id"]) && has(&["location_id"])))
    {
        Some(Entity::ServiceAtLocation)
    } else if has(&[
        "location_type",
        "latitude",
        "addresses",
        "physical_addresses",
    ]) {
        Some(Entity::Location)
    } else if has(&[
        "status",
        "service_at_locations",
        "service_areas",
        "eligibility_description",
        "application_process",
        "fees_description",
        "interpretation_services",
        "cost_options",
        "required_documents",
        "capacities",
        "organization",
    ]) {
        Some(Entity::Service)
    } else if has(&["taxonomy", "taxonomy_detail", "term_uri", "taxonomy_id"]) {
        Some(Entity::TaxonomyTerm)
    } else if has(&[
        "services",
        "locations",
        "website",
        "tax_status",
        "tax_id",
        "year_incorporated",
        "legal_status",
        "organization_identifiers",
        "parent_organization_id",
        "programs",
    ]) {
        Some(Entity::Organization)
    } else if named && has(&["organization_id"]) {
        Some(Entity::Service)
    } else {
        None
    }
}

fn is_object(json: &Json) -> bool {
    json.get("id").is_some() || json.get("name").is_some() || entity_of(json).is_some()
}

/// Objects of HSDS that carry nothing here: taxonomies, metadata.
fn is_other_hsds(json: &Json) -> bool {
    json.get("last_action_type").is_some()
        || (json.get("uri").is_some() && json.get("version").is_some())
}

/// JSON Schemas, data package descriptions and API roots lie beside data and look a little like it.
fn is_schema(json: &Json) -> bool {
    let has = |key: &str| json.get(key).is_some();
    has("$schema") || has("properties") || has("resources") || has("openapi") || has("openapi_url")
}

/// A key as part of a JSON pointer (RFC 6901, section 3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
