//! What a test publishes: one service with its organization and place, in HSDS rows.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Count, Draft, Source, Stated, Unit, WaitBand};
use referral_core::hsds::{Drafts, Entity, Origin, Row};
use referral_core::id::LocalId;

/// One service as an agency would describe it.
pub(crate) struct Listing {
    id: String,
    rows: Vec<(Entity, Vec<(String, String)>)>,
    report: Option<Reported>,
}

/// What is known of its places, and since when.
struct Reported {
    state: Stated,
    /// Free and in all.
    beds: Option<(u32, u32)>,
    age: SignedDuration,
}

impl Listing {
    /// A service called `name`, of an organization with an office in Baltimore.
    pub(crate) fn new(id: &str, name: &str) -> Self {
        let listing = Self {
            id: id.to_owned(),
            rows: Vec::new(),
            report: None,
        };
        listing
            .row(
                Entity::Organization,
                &[
                    ("id", id),
                    ("name", "Harbor House"),
                    ("description", "Help by the harbor"),
                ],
            )
            .row(
                Entity::Service,
                &[
                    ("id", id),
                    ("organization_id", id),
                    ("name", name),
                    ("status", "active"),
                ],
            )
    }

    /// Whether this is its id.
    pub(crate) fn is_called(&self, id: &str) -> bool {
        self.id == id
    }

    /// Sets a field of the service.
    pub(crate) fn with(self, field: &str, value: &str) -> Self {
        self.set(Entity::Service, field, value)
    }

    /// Sets a field of its organization.
    pub(crate) fn of(self, field: &str, value: &str) -> Self {
        self.set(Entity::Organization, field, value)
    }

    /// Offers it at a street address in Baltimore.
    pub(crate) fn at(self, street: &str, zip: &str) -> Self {
        let id = &*self.id.clone();
        let address = [
            ("id", id),
            ("location_id", id),
            ("address_1", street),
            ("city", "Baltimore"),
            ("state_province", "MD"),
            ("postal_code", zip),
            ("country", "US"),
            ("address_type", "physical"),
        ];
        self.row(
            Entity::Location,
            &[
                ("id", id),
                ("organization_id", id),
                ("location_type", "physical"),
            ],
        )
        .row(Entity::Address, &address)
        .row(
            Entity::ServiceAtLocation,
            &[("id", id), ("service_id", id), ("location_id", id)],
        )
    }

    /// Keeps its address secret.
    pub(crate) fn confidential(self) -> Self {
        self.set(Entity::Location, "confidential", "yes")
    }

    /// Adds a telephone.
    pub(crate) fn phone(self, number: &str, extension: &str, description: &str) -> Self {
        let id = format!("{} {number}", self.id);
        let fields = [
            ("id", id.as_str()),
            ("service_id", &*self.id.clone()),
            ("number", number),
            ("extension", extension),
            ("description", description),
        ];
        self.row(Entity::Phone, &fields)
    }

    /// Adds a language by its tag.
    pub(crate) fn speaks(self, tag: &str) -> Self {
        let id = format!("{} {tag}", self.id);
        let fields = [
            ("id", id.as_str()),
            ("service_id", &*self.id.clone()),
            ("code", tag),
        ];
        self.row(Entity::Language, &fields)
    }

    /// Adds a vocabulary code.
    pub(crate) fn offers(self, code: &str) -> Self {
        let id = format!("{} {code}", self.id);
        let fields = [
            ("id", id.as_str()),
            ("link_id", &*self.id.clone()),
            ("link_entity", "service"),
            ("code", code),
        ];
        self.row(Entity::Attribute, &fields)
    }

    /// Reports its state `hours` ago, and its places in beds: free, in all.
    pub(crate) fn reported(mut self, state: Stated, beds: Option<(u32, u32)>, hours: i64) -> Self {
        let age = SignedDuration::from_hours(hours);
        self.report = Some(Reported { state, beds, age });
        self
    }

    /// Its rows, added to `drafts`.
    pub(crate) fn write(&self, drafts: &mut Drafts) {
        for (at, (entity, fields)) in self.rows.iter().enumerate() {
            let origin = Origin {
                file: self.id.as_str().into(),
                row: at.to_string(),
            };
            let mut row = Row::new(*entity, origin);
            for (field, value) in fields {
                row.set(field.as_str(), value);
            }
            drafts.push(row);
        }
    }

    /// Its report, as of `now`.
    pub(crate) fn report(&self, now: Timestamp) -> Option<Draft> {
        let Reported { state, beds, age } = *self.report.as_ref()?;
        let counts = beds.map(|(available, maximum)| Count {
            unit: Unit::Bed,
            available: Some(available),
            maximum: Some(maximum),
        });
        let waiting = state == Stated::Waitlist;
        Some(Draft {
            service: LocalId::from_source(&self.id),
            location: None,
            state,
            counts: counts.into_iter().collect(),
            waitlist_count: waiting.then_some(9),
            wait_band: waiting.then_some(WaitBand::TwoToSixWeeks),
            opens_at: None,
            reopens_at: None,
            observed_at: now - age,
            ttl: None,
            source: Source::Person,
            note: None,
        })
    }

    fn row(mut self, entity: Entity, fields: &[(&str, &str)]) -> Self {
        let owned = |(field, value): &(&str, &str)| ((*field).to_owned(), (*value).to_owned());
        let fields = fields.iter().map(owned).collect();
        self.rows.push((entity, fields));
        self
    }

    fn set(mut self, of: Entity, field: &str, value: &str) -> Self {
        let mut rows = self.rows.iter_mut();
        let (_, fields) = rows.find(|(entity, _)| *entity == of).expect("such a row");
        fields.retain(|(name, _)| name != field);
        fields.push((field.to_owned(), value.to_owned()));
        self
    }
}
