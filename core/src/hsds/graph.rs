//! The rows joined by their ids: copies settled, links followed, what hangs on what.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::clean::clean;
use super::draft::{Drafts, Row};
use super::entity::Entity;
use super::issue::{Cause, Ledger};
use super::marks;
use super::reading::read_time;

/// The name of an object within one import.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Ref {
    pub(super) entity: Entity,
    id: String,
}

/// Rows by what they are and what they hang on. Refused rows are gone.
#[derive(Debug)]
pub(super) struct Graph {
    rows: Vec<Row>,
    /// The row of each object: its first, with what later copies add.
    first: HashMap<Ref, usize>,
    /// Rows that hang on an object, in the order of the file.
    children: HashMap<Ref, Vec<usize>>,
    /// Objects in the order of the file.
    order: Vec<Ref>,
}

impl Ref {
    /// The object of this kind with this id. UUIDs may come in braces and capitals.
    pub(super) fn new(entity: Entity, id: &str) -> Self {
        let id = id.trim();
        let bare = id
            .strip_prefix('{')
            .and_then(|id| id.strip_suffix('}'))
            .unwrap_or(id);
        let is_uuid = bare.len() == 36 && bare.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        let id = if is_uuid {
            bare.to_ascii_lowercase()
        } else {
            id.to_owned()
        };
        Self { entity, id }
    }

    /// The id, in the one spelling that is compared.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Graph {
    /// Joins the rows; what is refused or repaired on the way is in the ledger.
    pub(super) fn join(drafts: Drafts, ledger: &mut Ledger) -> Self {
        let mut graph = Self {
            rows: drafts.into_rows(),
            first: HashMap::new(),
            children: HashMap::new(),
            order: Vec::new(),
        };
        graph.name_attribute_targets();
        let kept = graph.settle_copies(ledger);
        graph.drop_nameless(&kept, ledger);
        graph.link(&kept, ledger);
        graph
    }

    /// The objects of one kind, in the order of the file.
    pub(super) fn objects(&self, entity: Entity) -> impl Iterator<Item = (&Ref, &Row)> {
        self.order
            .iter()
            .filter(move |name| name.entity == entity)
            .filter_map(|name| Some((name, &self.rows[*self.first.get(name)?])))
    }

    /// The row of an object; `None` when it was refused or never there.
    pub(super) fn row(&self, object: &Ref) -> Option<&Row> {
        self.first.get(object).map(|&at| &self.rows[at])
    }

    /// Rows of one kind that hang on `parent`.
    pub(super) fn children(&self, parent: &Ref, kind: Entity) -> impl Iterator<Item = &Row> {
        self.all_children(parent)
            .filter(move |row| row.entity == kind)
    }

    /// The object that a field of `row` names, when it is there.
    pub(super) fn linked(&self, row: &Row, field: &str, entity: Entity) -> Option<Ref> {
        let named = Ref::new(entity, row.text(field)?);
        self.first.contains_key(&named).then_some(named)
    }

    /// Every row that hangs on `parent`, of any kind.
    pub(super) fn all_children(&self, parent: &Ref) -> impl Iterator<Item = &Row> {
        let at = self.children.get(parent).map_or(&[][..], Vec::as_slice);
        at.iter().map(|&at| &self.rows[at])
    }

    /// An attribute names its object by `link_id`, with or without saying of which kind it is.
    fn name_attribute_targets(&mut self) {
        const TARGETS: [(Entity, &str); 4] = [
            (Entity::Service, "service_id"),
            (Entity::Location, "location_id"),
            (Entity::Organization, "organization_id"),
            (Entity::ServiceAtLocation, "service_at_location_id"),
        ];
        let known: HashSet<Ref> = self.rows.iter().filter_map(name_of).collect();
        for row in &mut self.rows {
            let Some(id) = row.text("link_id").map(str::to_owned) else {
                continue;
            };
            if row.entity != Entity::Attribute {
                continue;
            }
            let said = row.text("link_entity").and_then(Entity::named);
            let target = TARGETS.iter().find(|(entity, _)| {
                said.is_none_or(|said| said == *entity) && known.contains(&Ref::new(*entity, &id))
            });
            if let Some((_, field)) = target {
                row.set(*field, id);
            }
        }
    }

    /// Settles which rows count: of copies the first, joined with what later ones add. Answers which
    /// rows are left, copies that were joined included, for their nested rows count.
    fn settle_copies(&mut self, ledger: &mut Ledger) -> Vec<bool> {
        let mut kept = vec![true; self.rows.len()];
        let mut seen: HashMap<(Ref, Vec<String>), usize> = HashMap::new();
        let mut nameless: HashSet<(Entity, Vec<String>)> = HashSet::new();
        for at in 0..self.rows.len() {
            let row = &self.rows[at];
            let parent_gone = row.within.is_some_and(|parent| !kept[parent.get()]);
            if parent_gone && !is_record(row.entity) {
                kept[at] = false;
                continue;
            }
            let Some(name) = name_of(row) else {
                if is_record(row.entity) {
                    ledger.refuse(row, "id", id_missing());
                    kept[at] = false;
                } else if row.within.is_some() {
                    // A record nested in several others brings its addresses along each time.
                    kept[at] = nameless.insert((row.entity, all_texts(row)));
                }
                continue;
            };
            let first = match seen.entry((name.clone(), copy_scope(row))) {
                Entry::Vacant(entry) => {
                    entry.insert(at);
                    if !self.first.contains_key(&name) {
                        self.first.insert(name.clone(), at);
                        self.order.push(name);
                    }
                    continue;
                }
                Entry::Occupied(entry) => *entry.get(),
            };
            kept[at] = self.settle_copy(first, at, ledger);
        }
        kept
    }

    /// Joins the copy at `at` to its first; false when it is refused or adds nothing to read.
    fn settle_copy(&mut self, first: usize, at: usize, ledger: &mut Ledger) -> bool {
        let copy = self.rows[at].clone();
        for mark in marks::of_copy(&copy) {
            self.rows[first].set(mark, "yes");
        }
        if let Some(field) = conflict(&self.rows[first], &copy) {
            ledger.refuse(&copy, field, id_twice());
            return false;
        }
        if copy.within.is_none() {
            ledger.repair(&copy, "id", id_repeated());
        }
        for (field, value) in copy.fields() {
            self.rows[first].set(field, value);
        }
        // The copy of a child would be read twice; the copy of an object is read for what hangs on it.
        is_shared(copy.entity)
    }

    fn drop_nameless(&mut self, kept: &[bool], ledger: &mut Ledger) {
        let mut nameless = Vec::new();
        for name in &self.order {
            let at = self.first[name];
            let row = &self.rows[at];
            let needs_name = matches!(row.entity, Entity::Organization | Entity::Service);
            if kept[at] && needs_name && row.text("name").is_none_or(is_blank) {
                ledger.refuse(row, "name", name_missing());
                nameless.push(name.clone());
            }
        }
        for name in nameless {
            self.first.remove(&name);
        }
    }

    /// Hangs every row on the objects it names, and reports links that lead nowhere.
    fn link(&mut self, kept: &[bool], ledger: &mut Ledger) {
        let known: HashSet<Ref> = self.rows.iter().filter_map(name_of).collect();
        let firsts: HashSet<usize> = self.first.values().copied().collect();
        for (at, row) in self.rows.iter().enumerate() {
            let is_copy = is_shared(row.entity) && name_of(row).is_some() && !firsts.contains(&at);
            let counts = kept[at] && !is_copy;
            if !counts || withheld_part(row, ledger) {
                continue;
            }
            let mut hangs = !needs_parent(row.entity);
            let mut dangling = Vec::new();
            for &(field, entity) in row.entity.links() {
                let Some(id) = row.text(field) else { continue };
                let target = Ref::new(entity, id);
                if known.contains(&target) {
                    hangs |= is_parent_link(field);
                    self.children.entry(target).or_default().push(at);
                } else {
                    dangling.push(field);
                }
            }
            report_dangling(row, hangs, &dangling, ledger);
        }
    }
}

/// Parts of records carry marks too: a private telephone is nobody's to see. The mark of an address is
/// its location's, and records are judged later.
fn withheld_part(row: &Row, ledger: &mut Ledger) -> bool {
    if is_record(row.entity) || row.entity == Entity::Address {
        return false;
    }
    if let Some(mark) = marks::withheld(row) {
        ledger.withhold(row, &mark.field, Cause::new(mark.code, mark.reason));
        return true;
    }
    let private =
        row.entity != Entity::ServiceAtLocation && marks::privacy(row) == marks::Privacy::Private;
    if private {
        let cause = Cause::new("marked_private", "marked private: kept back");
        ledger.withhold(row, "private", cause);
    }
    private
}

fn report_dangling(row: &Row, hangs: bool, dangling: &[&'static str], ledger: &mut Ledger) {
    let offer_without_end = row.entity == Entity::ServiceAtLocation && !dangling.is_empty();
    match dangling.first() {
        Some(field) if !hangs || offer_without_end => ledger.refuse(row, field, leads_nowhere()),
        None if !hangs && row.text("link_id").is_some() => {
            ledger.refuse(row, "link_id", leads_nowhere());
        }
        None if !hangs => ledger.refuse(row, "row", hangs_on_nothing()),
        _ => {
            for field in dangling {
                ledger.repair(row, field, leads_nowhere_but_kept());
            }
        }
    }
}

fn name_of(row: &Row) -> Option<Ref> {
    row.id()
        .filter(|id| !id.is_empty())
        .map(|id| Ref::new(row.entity, id))
}

/// Organizations, locations and services: what becomes a record.
fn is_record(entity: Entity) -> bool {
    matches!(
        entity,
        Entity::Organization | Entity::Location | Entity::Service
    )
}

/// Objects that others name by their id wherever they stand.
fn is_shared(entity: Entity) -> bool {
    is_record(entity)
        || matches!(
            entity,
            Entity::Program | Entity::TaxonomyTerm | Entity::Unit | Entity::ServiceAtLocation
        )
}

/// Two rows of one id are copies of each other when they hang on the same objects.
fn copy_scope(row: &Row) -> Vec<String> {
    if is_shared(row.entity) {
        return Vec::new();
    }
    let ids = row.entity.links().iter();
    ids.map(|&(field, entity)| {
        row.text(field)
            .map(|id| Ref::new(entity, id).id)
            .unwrap_or_default()
    })
    .collect()
}

/// All that a row says, cleaned.
fn all_texts(row: &Row) -> Vec<String> {
    let links = row.entity.links().iter().map(|(field, _)| *field);
    let fields = row.entity.fields().iter().copied().chain(links);
    fields
        .map(|field| compared(field, row.text(field).unwrap_or_default()))
        .collect()
}

/// The first field that two rows state differently.
fn conflict(first: &Row, copy: &Row) -> Option<&'static str> {
    let links = first.entity.links().iter().map(|(field, _)| *field);
    let fields = first.entity.fields().iter().copied().chain(links);
    fields.into_iter().find(|field| {
        let (one, other) = (first.text(field), copy.text(field));
        one.zip(other)
            .is_some_and(|(one, other)| compared(field, one) != compared(field, other))
    })
}

fn compared(field: &str, text: &str) -> String {
    let cleaned = clean(text).text;
    match field {
        "opens_at" | "closes_at" => read_time(&cleaned).map_or(cleaned, |time| time.to_string()),
        _ if field.ends_with("_id") => Ref::new(Entity::Service, &cleaned).id,
        _ => cleaned,
    }
}

fn is_blank(text: &str) -> bool {
    clean(text).text.is_empty()
}

fn needs_parent(entity: Entity) -> bool {
    !is_record(entity)
        && !matches!(
            entity,
            Entity::TaxonomyTerm | Entity::Unit | Entity::Program
        )
}

/// Links to what a row belongs to, not to what explains it.
fn is_parent_link(field: &str) -> bool {
    !matches!(field, "program_id" | "taxonomy_term_id" | "unit_id")
}

fn id_missing() -> Cause {
    Cause::new(
        "id_missing",
        "without an id it cannot be followed from one import to the next: give it one",
    )
}

fn name_missing() -> Cause {
    Cause::new(
        "name_missing",
        "without a name it cannot be shown: give it one",
    )
}

fn id_twice() -> Cause {
    Cause::new(
        "duplicate_id_differs",
        "another row has the same id and says something else: the first was taken",
    )
}

fn id_repeated() -> Cause {
    Cause::new(
        "duplicate_id_identical",
        "another row has the same id and says the same: the two were joined",
    )
}

fn leads_nowhere() -> Cause {
    Cause::new(
        "dangling_reference",
        "it belongs to an id that is in none of the files",
    )
}

fn leads_nowhere_but_kept() -> Cause {
    Cause::new(
        "dangling_reference",
        "this id is in none of the files: the link was left out and the row kept",
    )
}

fn hangs_on_nothing() -> Cause {
    Cause::new(
        "reference_missing",
        "it names no organization, service or location that it belongs to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::Origin;

    fn row(entity: Entity, line: usize, fields: &[(&str, &str)]) -> Row {
        let origin = Origin {
            file: "rows.csv".into(),
            row: line.to_string(),
        };
        let mut row = Row::new(entity, origin);
        for (field, value) in fields {
            row.set(*field, *value);
        }
        row
    }

    fn joined(rows: Vec<Row>) -> (Graph, Ledger) {
        let mut drafts = Drafts::new("rows.csv");
        for row in rows {
            drafts.push(row);
        }
        let mut ledger = Ledger::default();
        let graph = Graph::join(drafts, &mut ledger);
        (graph, ledger)
    }

    fn codes(issues: &[crate::hsds::RowIssue]) -> Vec<(&str, &str)> {
        issues
            .iter()
            .map(|issue| (issue.row.as_str(), issue.code))
            .collect()
    }

    #[test]
    fn a_second_row_of_one_id_is_joined_when_it_agrees_and_refused_when_it_does_not() {
        let (graph, ledger) = joined(vec![
            row(Entity::Service, 2, &[("id", "1"), ("name", "A  clinic")]),
            row(
                Entity::Service,
                3,
                &[("id", "1"), ("name", "A clinic"), ("email", "a@b.org")],
            ),
            row(Entity::Service, 4, &[("id", "1"), ("name", "B clinic")]),
        ]);

        assert_eq!(codes(&ledger.repaired), [("3", "duplicate_id_identical")]);
        assert_eq!(codes(&ledger.refused), [("4", "duplicate_id_differs")]);
        let (_, service) = graph.objects(Entity::Service).next().unwrap();
        assert_eq!(service.text("email"), Some("a@b.org"));
        assert_eq!(graph.objects(Entity::Service).count(), 1);
    }

    #[test]
    fn a_record_without_an_id_or_a_name_is_refused() {
        let (graph, ledger) = joined(vec![
            row(Entity::Service, 2, &[("name", "A clinic")]),
            row(Entity::Service, 3, &[("id", "3"), ("name", "&nbsp; ")]),
            row(Entity::Location, 4, &[("id", "4")]),
        ]);

        assert_eq!(
            codes(&ledger.refused),
            [("2", "id_missing"), ("3", "name_missing")]
        );
        assert_eq!(graph.objects(Entity::Service).count(), 0);
        assert_eq!(graph.objects(Entity::Location).count(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_reported_and_what_has_another_parent_is_kept() {
        let (graph, ledger) = joined(vec![
            row(
                Entity::Service,
                2,
                &[("id", "1"), ("name", "A"), ("location_id", "gone")],
            ),
            row(
                Entity::Phone,
                3,
                &[("id", "p"), ("service_id", "1"), ("contact_id", "gone")],
            ),
            row(Entity::Phone, 4, &[("id", "q"), ("service_id", "gone")]),
            row(Entity::Phone, 5, &[("id", "r"), ("number", "1")]),
            row(
                Entity::ServiceAtLocation,
                6,
                &[("service_id", "1"), ("location_id", "gone")],
            ),
        ]);

        let dangling = "dangling_reference";
        assert_eq!(codes(&ledger.repaired), [("2", dangling), ("3", dangling)]);
        assert_eq!(
            codes(&ledger.refused),
            [("4", dangling), ("5", "reference_missing"), ("6", dangling)]
        );
        let service = Ref::new(Entity::Service, "1");
        assert_eq!(graph.children(&service, Entity::Phone).count(), 1);
    }

    #[test]
    fn uuids_in_braces_and_capitals_are_the_same_id() {
        let bare = "ac148810-d857-441c-9679-408f346de14b";
        let loud = format!("{{{}}}", bare.to_uppercase());

        assert_eq!(Ref::new(Entity::Unit, bare), Ref::new(Entity::Unit, &loud));
    }
}
