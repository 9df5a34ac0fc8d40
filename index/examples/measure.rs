//! Measures the index over made-up services: `cargo run -p referral-index --example measure -- 10000`.
//!
//! Prints times and memory; judges nothing. A profile without optimisation measures that profile.

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use referral_core::capacity::{Availability, Draft, Held, Order, Report, Source, Stated, Ttl};
use referral_core::catalog::{
    Address, Attribute, Listing, Location, Offer, Organization, Place, Provenance, Service, Tier,
};
use referral_core::federation::Epoch;
use referral_core::geo::{CountryCode, Locality, LocalityKind, Point};
use referral_core::id::{AgencyId, LocalId};
use referral_core::search::{Near, Need, QueryText, Request};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::{Code, entries};
use referral_index::Index;

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let services: u64 = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let mut dice = Dice(1);
    let listings: Result<Vec<Listing>, _> =
        (0..services).map(|at| listing(&mut dice, at)).collect();
    let listings = listings?;
    let dir = tempfile::tempdir()?;
    say("services", &services.to_string());
    say("memory with the listings alone", &memory());

    let (index, _) = Index::open(dir.path())?;
    timed("put all", 1, || put_all(&index, &listings))?;
    timed("commit all", 1, || Ok(index.commit(1)?))?;
    timed("report capacity, each", services, || {
        report_all(&index, &listings)
    })?;
    for (what, request) in requests()? {
        let total = index.search(&request, NOW)?.total;
        timed(&format!("search {what} ({total} found), each"), 20, || {
            for _ in 0..20 {
                black_box(index.search(&request, NOW)?);
            }
            Ok(())
        })?;
    }
    timed("put and commit one, each", 10, || {
        for (cursor, listing) in (2..).zip(listings.iter().take(10)) {
            index.put(listing, &[])?;
            index.commit(cursor)?;
        }
        Ok(())
    })?;
    timed("put and commit a hundred", 1, || {
        put_all(&index, &listings[..listings.len().min(100)])?;
        Ok(index.commit(20)?)
    })?;
    say("memory with the index", &memory());
    drop(index);
    timed("open and restore all", 1, || {
        let (index, _) = Index::open(dir.path())?;
        for listing in &listings {
            index.restore(listing, &[]);
        }
        black_box(index.search(&Request::any(), NOW)?);
        Ok(())
    })
}

type Done = Result<(), Box<dyn std::error::Error>>;

fn put_all(index: &Index, listings: &[Listing]) -> Done {
    for listing in listings {
        index.put(listing, &[])?;
    }
    Ok(())
}

/// Two of three services say that they are open.
fn report_all(index: &Index, listings: &[Listing]) -> Done {
    for (cseq, listing) in (1..).zip(listings) {
        let draft = Draft {
            service: listing.service.id.clone(),
            location: None,
            state: if cseq % 3 == 0 {
                Stated::Closed
            } else {
                Stated::Open
            },
            counts: vec![],
            waitlist_count: None,
            wait_band: None,
            opens_at: None,
            reopens_at: None,
            observed_at: NOW,
            ttl: None,
            source: Source::System,
            note: None,
        };
        let epoch = Epoch {
            generation: 1,
            number: 1,
        };
        let report = Report::parse(draft, NOW)?;
        let held = Held::receive(report, Order { epoch, cseq }, Ttl::LONGEST, NOW);
        index.report(&listing.agency, held);
    }
    Ok(())
}

fn requests() -> Result<Vec<(&'static str, Request)>, Box<dyn std::error::Error>> {
    let any = Request {
        availability: Availability::Any,
        ..Request::any()
    };
    let needing = |request: Request| {
        Ok::<_, Box<dyn std::error::Error>>(Request {
            need: Some(Need::parse("lc:bond")?),
            ..request
        })
    };
    let near_by = |request: Request| {
        Ok::<_, Box<dyn std::error::Error>>(Request {
            near: Some(Near {
                place: baltimore()?,
                radius: Request::default_radius(),
            }),
            ..request
        })
    };
    let asking = |words| {
        Ok::<_, Box<dyn std::error::Error>>(Request {
            text: QueryText::parse(words)?,
            ..any.clone()
        })
    };
    Ok(vec![
        ("everything", any.clone()),
        ("everything open", Request::any()),
        ("a need", needing(any.clone())?),
        ("near, 25 miles", near_by(any.clone())?),
        ("a need near, open", near_by(needing(Request::any())?)?),
        ("one word", asking("families")?),
        ("two words near", near_by(asking("legal families")?)?),
        ("a rare word", asking("word4711")?),
        ("a misspelt word", asking("imigrantion")?),
        ("two letters", asking("fa")?),
    ])
}

fn baltimore() -> Result<Locality, Box<dyn std::error::Error>> {
    Ok(Locality {
        label: "Baltimore".to_owned(),
        point: Some(Point::new(39.29, -76.61)?),
        approximate: false,
        zip: None,
        counties: vec![],
        state: None,
        country: CountryCode::US,
        kind: LocalityKind::City,
    })
}

/// The same numbers every time (Numerical Recipes' 64-bit generator, the upper half).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(u64::try_from(all.len()).unwrap_or(1));
        &all[usize::try_from(at).unwrap_or(0)]
    }
}

fn listing(dice: &mut Dice, at: u64) -> Result<Listing, Box<dyn std::error::Error>> {
    const WORDS: [&str; 16] = [
        "families",
        "legal",
        "immigration",
        "help",
        "the",
        "and",
        "county",
        "shelter",
        "clinic",
        "call",
        "children",
        "school",
        "appointment",
        "interpreter",
        "free",
        "community",
    ];
    let mut words = Vec::new();
    for _ in 0..35 {
        words.push((*dice.one_of(&WORDS)).to_owned());
    }
    words.extend((0..5).map(|_| format!("word{}", dice.below(50_000))));
    let codes: Vec<Code> = (0..4)
        .map(|_| dice.one_of(entries()).code.clone())
        .collect();
    let id = LocalId::from_source(&at.to_string());
    let lat = 25.0 + f64::from(u32::try_from(dice.below(23_000))?) / 1_000.0;
    let lon = -124.0 + f64::from(u32::try_from(dice.below(57_000))?) / 1_000.0;
    let place = Place::Exact {
        address: Address::of_country(CountryCode::US),
        point: Point::new(lat, lon)?,
    };
    let name = Name::parse(&format!(
        "{} {} {at}",
        dice.one_of(&WORDS),
        dice.one_of(&WORDS)
    ))?;
    Ok(Listing {
        agency: AgencyId::parse(&format!("agency-{}", at % 244))?,
        service: service(id.clone(), name, Text::parse(&words.join(" "))?, codes),
        organization: organization(Name::parse(&format!("Organization {}", at / 7))?)?,
        locations: vec![location(id, place)?],
    })
}

fn service(id: LocalId, name: Name, description: Text, codes: Vec<Code>) -> Service {
    let attribute = |code| Attribute {
        code,
        value: None,
        label: None,
    };
    Service {
        source_id: description.clone(),
        organization: LocalId::from_source("o"),
        program: None,
        alternate_name: None,
        description: Some(description),
        url: None,
        email: None,
        attributes: codes.into_iter().map(attribute).collect(),
        credentials: vec![],
        eligibility: vec![],
        eligibility_description: None,
        areas: vec![],
        area_notes: vec![],
        offers: vec![Offer {
            location: id.clone(),
            description: None,
            areas: vec![],
            phones: vec![],
            schedules: vec![],
        }],
        remote: false,
        languages: vec![],
        interpretation_services: None,
        application_process: None,
        fees_description: None,
        costs: vec![],
        wait_time: None,
        required_documents: vec![],
        accreditations: None,
        licenses: None,
        alert: None,
        phones: vec![],
        schedules: vec![],
        contacts: vec![],
        funding: vec![],
        tier: Tier::Public,
        provenance: Provenance::default(),
        id,
        name,
    }
}

fn organization(name: Name) -> Result<Organization, Box<dyn std::error::Error>> {
    Ok(Organization {
        id: LocalId::from_source("o"),
        source_id: Text::parse("o")?,
        name,
        alternate_name: None,
        description: None,
        email: None,
        website: None,
        legal_status: None,
        year_incorporated: None,
        parent_organization: None,
        phones: vec![],
        contacts: vec![],
        programs: vec![],
        funding: vec![],
        identifiers: vec![],
        provenance: Provenance::default(),
    })
}

fn location(id: LocalId, place: Place) -> Result<Location, Box<dyn std::error::Error>> {
    Ok(Location {
        source_id: Text::parse(id.as_str())?,
        id,
        organization: None,
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place,
        phones: vec![],
        languages: vec![],
        schedules: vec![],
        accessibility: vec![],
        contacts: vec![],
        provenance: Provenance::default(),
    })
}

fn timed(what: &str, times: u64, run: impl FnOnce() -> Done) -> Done {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring is all this program does"
    )]
    let start = Instant::now();
    run()?;
    let each = start.elapsed().as_secs_f64() * 1_000.0 / f64::from(u32::try_from(times)?);
    say(what, &format!("{each:.3} ms"));
    Ok(())
}

/// Resident memory of this process (Linux; empty elsewhere).
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.unwrap_or_default().trim().to_owned()
}

#[expect(clippy::print_stdout, reason = "the output of a command")]
fn say(what: &str, value: &str) {
    println!("{what}: {value}");
}
