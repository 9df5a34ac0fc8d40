//! Made-up searches, by class.

use referral_core::capacity::Availability;
use referral_core::catalog::LanguageTag;
use referral_core::geo::{CountryCode, Kilometres, Locality, LocalityKind, Point};
use referral_core::search::{Access, Age, Circumstances, Fee, Near, Need, QueryText, Request};

use super::listing::{CITIES, city, county, state, word, zip};
use super::{Dice, Oops};

/// A search of a class.
pub(crate) fn question(dice: &mut Dice, class: &str) -> Result<Request, Oops> {
    let number = dice.small(CITIES);
    let mut request = Request {
        availability: Availability::Any,
        facets: dice.percent(50),
        seed: 1,
        ..Request::any()
    };
    let miles = *dice.one_of(&[10.0, 10.0, 25.0, 25.0, 25.0, 50.0, 50.0, 100.0]);
    let around = Some(Near {
        place: town(number)?,
        radius: Kilometres::from_miles(miles)?,
    });
    let inside = Some(Near {
        place: region(number)?,
        radius: Request::default_radius(),
    });
    let need = Some(Need::parse(dice.one_of::<&str>(&[
        "da:food", "ho:es", "dom:leg", "lc:bond", "dom:med", "mh:l3", "vo:vesl", "dom:hou",
    ]))?);
    let text = QueryText::parse(&words(dice))?;
    match class {
        "near and need" => (request.near, request.need) = (around, need),
        "and text" => (request.near, request.need, request.text) = (around, need, text),
        "and open only" => {
            (request.near, request.need) = (around, need);
            request.availability = Availability::Open;
        }
        "and language" => {
            (request.near, request.need) = (around, need);
            request.languages = vec![LanguageTag::parse(
                dice.one_of::<&str>(&["es", "ht", "fr"]),
            )?];
        }
        "near and text" => (request.near, request.text) = (around, text),
        "all filters" => {
            (request.near, request.need) = (around, need);
            request.languages = vec![LanguageTag::parse("es")?];
            request.availability = Availability::Open;
            request.fee = Some(Fee::LowCost);
            request.access = Access::InPerson;
            request.circumstances = Circumstances {
                age: Some(Age::new(17)?),
                ..Circumstances::default()
            };
        }
        "serves this place" => (request.serves, request.need) = (Some(town(number)?), need),
        "near only" => request.near = around,
        "nationwide text" => request.text = text,
        "statewide need" => (request.near, request.need) = (inside, need),
        "statewide text" => (request.near, request.text) = (inside, text),
        _ => request.need = need,
    }
    Ok(request)
}

fn words(dice: &mut Dice) -> String {
    let one = word(dice);
    if dice.percent(60) {
        format!("{one} {}", word(dice))
    } else {
        one
    }
}

fn town(number: u64) -> Result<Locality, Oops> {
    let (lat, lon) = city(number);
    Ok(Locality {
        label: "a town".to_owned(),
        point: Some(Point::new(lat, lon)?),
        approximate: false,
        zip: Some(zip(number)?),
        counties: vec![(county(number)?, 1.0)],
        state: Some(state(number)?),
        country: CountryCode::US,
        kind: LocalityKind::City,
    })
}

fn region(number: u64) -> Result<Locality, Oops> {
    Ok(Locality {
        zip: None,
        kind: LocalityKind::State,
        ..town(number)?
    })
}
