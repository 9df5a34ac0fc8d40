//! HSDS with one JSON document on each line. A bad line is that line.

use referral_core::hsds::Entity;

use super::error::{Fault, SourceError};
use super::hsds_json::{UNKNOWN, flatten};
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
    let entity = hint.unwrap_or(Entity::Service);
    let mut any_good = false;
    for (at, line) in text.lines().enumerate() {
        let number = (at + 1).to_string();
        if line.trim().is_empty() {
            continue;
        }
        match Json::read(file, line) {
            Ok(json) => {
                any_good = true;
                if !flatten(tray, &json, hint, &number) {
                    tray.refuse(entity, number, "object_unknown", UNKNOWN);
                }
            }
            Err(wrong) => {
                tray.refuse(
                    entity,
                    number,
                    wrong.code(),
                    &format!("the line {}", wrong.fault),
                );
            }
        }
    }
    if any_good {
        Ok(())
    } else {
        let fault = Fault::InvalidJson("no line of it is a JSON document".to_owned());
        Err(SourceError::new(file, fault))
    }
}
