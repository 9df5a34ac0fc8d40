//! What a caseworker tells of the client and asks of the terms, where every box is filled in. Shares are
//! assumptions; nationalities are those of asylum seekers.

use rand::RngExt;
use referral_core::search::Query;

use crate::invented::dice::{Dice, chance, weighted};
use crate::invented::nationality;

const CUSTODY: [(f64, &str); 5] = [
    (0.68, "nondet"),
    (0.16, "det"),
    (0.08, "atd"),
    (0.05, "rel"),
    (0.03, "orr"),
];
const SITUATIONS: [(f64, &str); 7] = [
    (0.55, "asylum-seeker"),
    (0.20, "none"),
    (0.12, "parolee"),
    (0.05, "asylee"),
    (0.05, "refugee"),
    (0.02, "trafficking-certified"),
    (0.01, "special-visa"),
];

/// Fills in at least custody and age, and most of the other boxes.
pub(super) fn fill_in(query: &mut Query, dice: &mut Dice) {
    query.custody = word(&CUSTODY, dice);
    query.age = dice.random_range(1..80_u8).to_string();
    if chance(dice, 0.7) {
        query.immigration = word(&SITUATIONS, dice);
    }
    if chance(dice, 0.5) {
        query.nationality = nationality::draw(dice).country().to_string();
    }
    if chance(dice, 0.4) {
        query.work_permit = word(&[(0.6, "before"), (0.4, "after")], dice);
    }
    query.fee = word(&[(0.5, "low_cost"), (0.3, "free"), (0.2, "")], dice);
    let access = [(0.6, "any"), (0.3, "in_person"), (0.1, "remote")];
    query.access = word(&access, dice);
    query.interpreter = chance(dice, 0.3);
}

fn word(words: &[(f64, &str)], dice: &mut Dice) -> String {
    (*weighted(dice, words)).to_owned()
}
