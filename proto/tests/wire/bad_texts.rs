//! Strings that do not belong in a record: which field, for which reason, and never the string itself.

use referral_core::catalog::Record;
use referral_proto::v1;
use referral_proto::v1::eligibility_rule::ComparesWith;
use referral_proto::v1::service_area::Area;

use crate::bad_records::names;
use crate::samples;

/// A string put where it does not belong: (field, code, value, where it goes).
type BadText = (
    &'static str,
    &'static str,
    &'static str,
    fn(&mut v1::Service, String),
);

const BAD_TEXTS: &[BadText] = &[
    ("source_id", "text_empty", "", |s, bad| s.source_id = bad),
    ("organization_id", "id_invalid", "../../x", |s, bad| {
        s.organization_id = bad;
    }),
    ("organization_id", "id_invalid", "", |s, bad| {
        s.organization_id = bad;
    }),
    ("name", "text_empty", "", |s, bad| s.name = bad),
    (
        "name",
        "text_control_character",
        "Bond\0hearings",
        |s, bad| s.name = bad,
    ),
    (
        "name",
        "text_hidden_character",
        "Bond \u{202E}sgniraeh",
        |s, bad| s.name = bad,
    ),
    ("name", "text_many_lines", "Bond\nhearings", |s, bad| {
        s.name = bad;
    }),
    ("description", "text_empty", "  ", |s, bad| {
        s.description = bad;
    }),
    (
        "description",
        "text_defaced",
        "Z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}algo",
        |s, bad| s.description = bad,
    ),
    ("url", "url_invalid", "javascript:alert(1)", |s, bad| {
        s.url = bad;
    }),
    (
        "url",
        "url_invalid",
        "http://user@host.example",
        |s, bad| s.url = bad,
    ),
    (
        "email",
        "email_invalid",
        "a@b.org\nBcc: c@d.org",
        |s, bad| s.email = bad,
    ),
    (
        "attributes[0].code",
        "code_invalid",
        "Bond hearings",
        |s, bad| {
            s.attributes[0].code = bad;
        },
    ),
    (
        "attributes[0].label",
        "text_many_lines",
        "a\nb",
        |s, bad| s.attributes[0].label = bad,
    ),
    (
        "credentials[0].lapses_on",
        "date_invalid",
        "2026-02-30",
        |s, bad| {
            s.credentials[0].lapses_on = bad;
        },
    ),
    (
        "eligibility[0].field",
        "rule_field_invalid",
        "shoe size",
        |s, bad| {
            s.eligibility[0].field = bad;
        },
    ),
    ("eligibility[0].words", "text_empty", "", |s, bad| {
        s.eligibility[0].compares_with = Some(ComparesWith::Words(bad));
    }),
    ("areas[0].zip", "zip_invalid", "7801a", |s, bad| {
        s.areas[0] = samples::area(Area::Zip(bad));
    }),
    (
        "areas[0].county_fips",
        "county_invalid",
        "00000",
        |s, bad| {
            s.areas[0] = samples::area(Area::CountyFips(bad));
        },
    ),
    ("areas[0].state", "state_invalid", "Texas", |s, bad| {
        s.areas[0] = samples::area(Area::State(bad));
    }),
    ("areas[0].country", "country_invalid", "USA", |s, bad| {
        s.areas[0] = samples::area(Area::Country(bad));
    }),
    ("areas[0].court", "text_empty", "", |s, bad| {
        s.areas[0] = samples::area(Area::Court(bad));
    }),
    ("area_notes[1]", "text_empty", "", |s, bad| {
        s.area_notes = vec!["x".to_owned(), bad];
    }),
    ("offers[0].location_id", "id_invalid", "🏠", |s, bad| {
        s.offers[0].location_id = bad;
    }),
    (
        "offers[0].phones[0].number",
        "phone_invalid",
        "call us",
        |s, bad| {
            s.offers[0].phones = vec![v1::Phone {
                number: bad,
                ..Default::default()
            }];
        },
    ),
    (
        "languages[0].tag",
        "language_invalid",
        "Spanish",
        |s, bad| s.languages[0].tag = bad,
    ),
    ("costs[0].valid_to", "date_invalid", "03/04/26", |s, bad| {
        s.costs[0].valid_to = bad;
    }),
    (
        "required_documents[0].document",
        "text_empty",
        "",
        |s, bad| {
            s.required_documents[0].document = bad;
        },
    ),
    (
        "phones[0].number",
        "phone_invalid",
        "0123456789012345678901234567890123456789",
        |s, bad| {
            s.phones[0].number = bad;
        },
    ),
    (
        "schedules[0].opens_at",
        "time_invalid",
        "25:00",
        |s, bad| s.schedules[0].opens_at = bad,
    ),
    (
        "schedules[0].frequency",
        "frequency_invalid",
        "DAILY",
        |s, bad| {
            s.schedules[0].frequency = bad;
        },
    ),
    ("contacts[0].email", "email_invalid", "nobody", |s, bad| {
        s.contacts[0].email = bad;
    }),
    ("funding[0]", "text_empty", "", |s, bad| {
        s.funding = vec![bad];
    }),
];

#[test]
fn a_bad_text_is_named_by_field_and_code_and_never_repeated() {
    for (field, code, bad, put) in BAD_TEXTS {
        let mut service = samples::service();
        put(&mut service, (*bad).to_owned());

        let found = Record::try_from(samples::record_of(service)).err();

        assert!(
            names(found.as_ref(), "service", field, code),
            "{field} {code}: {found:?}"
        );
        let words = found.map(|found| found.to_string()).unwrap_or_default();
        assert!(bad.trim().is_empty() || !words.contains(bad), "{words}");
    }
}
