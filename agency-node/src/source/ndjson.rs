//! HSDS with one JSON document on each line. A bad line is that line.

use referral_core::hsds::Entity;

use super::error::{Fault, SourceError};
use super::hsds_json::flatten;
use super::json::Json;
use super::tray::Tray;

/// Takes every line.
///
/// # Errors
/// [`SourceError`] when not a single line is JSON.
pub(super) fn take(
    tray: &mut Tray<'_>,
    file: &str,
    text: &str,
    hint: Option<Entity>,
) -> Result<(), SourceError> {
    let mut good = 0;
    let mut bad = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = (at + 1).to_string();
        if line.trim().is_empty() {
            continue;
        }
        match Json::read(file, line) {
            Ok(json) => {
                good += 1;
                if !flatten(tray, &json, hint, &number) {
                    let entity = hint.unwrap_or(Entity::Service);
                    tray.refuse(entity, number, "object_unknown", UNKNOWN);
                }
            }
            Err(wrong) => bad.push((number, wrong)),
        }
    }
    if good == 0 {
        let fault = Fault::InvalidJson("no line of it is a JSON document".to_owned());
        return Err(SourceError::new(file, fault));
    }
    for (number, wrong) in bad {
        let entity = hint.unwrap_or(Entity::Service);
        tray.refuse(
            entity,
            number,
            wrong.code(),
            &format!("the line {}", wrong.fault),
        );
    }
    Ok(())
}

const UNKNOWN: &str = "it is no HSDS object that is known here: a service has a name and a status";
