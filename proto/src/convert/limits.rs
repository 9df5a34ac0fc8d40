//! How much one message may hold. More is refused with the path of the field that is too long.
//!
//! A record is bounded by [`RECORD_BYTES`] whatever it holds; the bounds on lists are there so that
//! one list of a record cannot crowd a page or an index, and so that a mistake (a column of languages
//! joined into every row) is named as what it is. `catalog.proto` says the same bounds at each list.

/// Most bytes of one encoded record.
pub const RECORD_BYTES: usize = 64 * 1024;
/// Most bytes of one signed operation: a record, 64 ancestors of 34 bytes each, and its place in the log.
pub const SIGNED_BYTES: usize = RECORD_BYTES + 4 * 1024;
/// Most faults that are collected of one message.
pub const VIOLATIONS: usize = 100;

/// Most telephones of one organization, location, service, offer or contact; one organization in
/// Baltimore lists 169.
pub const PHONES: usize = 200;
/// Most people to ask for.
pub const CONTACTS: usize = 100;
/// Most languages; telephone interpreters list hundreds.
pub const LANGUAGES: usize = 300;
/// Most opening hours.
pub const SCHEDULES: usize = 300;
/// Most service areas of a service or offer, and most areas in words.
pub const AREAS: usize = 600;
/// Most codes of a service.
pub const ATTRIBUTES: usize = 500;
/// Most credentials of a service.
pub const CREDENTIALS: usize = 100;
/// Most eligibility rules of a service.
pub const RULES: usize = 200;
/// Most values one rule compares with; there are some 250 countries.
pub const VALUES: usize = 300;
/// Most tiers of parts of a service.
pub const PARTS: usize = 20;
/// Most places where one service is offered.
pub const OFFERS: usize = 500;
/// Most costs, required documents, programs, funding sources, identifiers and accessibility entries,
/// each.
pub const DETAILS: usize = 100;
/// Most counts of a capacity report: one of each unit.
pub const COUNTS: usize = 6;
/// Most entries of `need` in one search.
pub const NEEDS: usize = 32;
/// Most characters of a place in a search.
pub const PLACE_CHARS: usize = 256;
/// Most needs in one bundle.
pub const BUNDLE_NEEDS: usize = 8;
/// Most codes, and most languages, that narrow one search.
pub const FILTERS: usize = 32;
