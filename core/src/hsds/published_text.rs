//! Every text of a record that others would see: where a dropped address must not stand.

use super::clean::clean;
use super::graph::{Graph, Ref};
use super::{Entity, Row};

/// A text and the field it stands in, e.g. `phone.description`.
#[derive(Debug)]
pub(super) struct PublishedText {
    pub(super) field: String,
    pub(super) text: String,
}

/// The texts that the record of `object` shows. Of a confidential location only its id, telephones,
/// languages and hours are shown.
pub(super) fn texts(graph: &Graph, object: &Ref, secluded: bool) -> Vec<PublishedText> {
    let mut texts = Vec::new();
    let Some(row) = graph.row(object) else {
        return texts;
    };
    push(&mut texts, "", row, &["id"]);
    if !secluded {
        push(&mut texts, "", row, object.entity.fields());
    }
    for child in graph.all_children(object) {
        if shows(object.entity, child.entity, secluded) {
            push_child(&mut texts, graph, child);
        }
    }
    texts
}

/// Whether rows of kind `child` are shown with their `parent`.
fn shows(parent: Entity, child: Entity, secluded: bool) -> bool {
    match child {
        Entity::Organization | Entity::Location | Entity::Service | Entity::Address => false,
        Entity::Phone | Entity::Language | Entity::Schedule => true,
        Entity::Attribute | Entity::ServiceAtLocation => parent == Entity::Service,
        _ => !secluded,
    }
}

fn push_child(texts: &mut Vec<PublishedText>, graph: &Graph, row: &Row) {
    push(texts, row.entity.as_str(), row, row.entity.fields());
    if let Some(term) = row.text("taxonomy_term_id") {
        let term = graph.row(&Ref::new(Entity::TaxonomyTerm, term));
        if let Some(term) = term {
            push(texts, "taxonomy_term", term, &["name", "code"]);
        }
    }
    let carries = matches!(
        row.entity,
        Entity::Contact | Entity::Phone | Entity::ServiceAtLocation
    );
    if let Some(id) = row.id().filter(|_| carries) {
        for child in graph.all_children(&Ref::new(row.entity, id)) {
            if !matches!(child.entity, Entity::Attribute) {
                push_child(texts, graph, child);
            }
        }
    }
}

fn push(texts: &mut Vec<PublishedText>, prefix: &str, row: &Row, fields: &[&str]) {
    for field in fields {
        let Some(text) = row.text(field) else {
            continue;
        };
        let field = match prefix {
            "" => (*field).to_owned(),
            _ => format!("{prefix}.{field}"),
        };
        texts.push(PublishedText {
            field,
            text: clean(text).text,
        });
    }
}
