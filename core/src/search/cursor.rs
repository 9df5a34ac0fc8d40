//! Where a search goes on: an opaque text that names what was shown.
//!
//! A next page is the best not shown yet, judged when it is asked for: no service comes twice and none
//! is skipped, however capacity changes in between. A cursor holds for the search it came from and no
//! other, which a fingerprint tells; it holds no word of the search itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::capacity::State;
use crate::catalog::LanguageTag;
use crate::geo::Locality;
use crate::id::{Hash, PublicId};
use crate::search::request::MOST_SHOWN;
use crate::search::{
    Also, Circumstances, Custody, Fee, Immigration, Near, QueryText, Request, WorkPermit,
};
use crate::vocabulary::Code;

/// Of the layout below: version, fingerprint, seed, then services shown; numbers big-endian.
const VERSION: u8 = 1;
const HEAD: usize = 1 + 8 + 8;

/// Why a cursor was refused. Every variant is the asker's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCursor {
    /// Not what a search gave out.
    #[error("this is no page of a search: search again")]
    Unreadable,
    /// From a search that asked for something else.
    #[error("this page belongs to another search: search again")]
    OtherSearch,
}

impl InvalidCursor {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "cursor_unreadable",
            Self::OtherSearch => "cursor_of_another_search",
        }
    }
}

/// The cursor of the page after one that showed `hits`.
#[must_use]
pub fn cursor_after(request: &Request, hits: impl IntoIterator<Item = PublicId>) -> String {
    let mut shown = request.shown.clone();
    shown.extend(hits.into_iter().map(PublicId::upper));
    shown.sort_unstable();
    shown.dedup();
    let mut bytes = vec![VERSION];
    for number in [fingerprint(request), request.seed].iter().chain(&shown) {
        bytes.extend(number.to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The search, gone on where `cursor` says. The seed is that of its first page.
///
/// # Errors
/// [`InvalidCursor`] for text that is no cursor, and for the cursor of another search.
pub fn resume(request: Request, cursor: &str) -> Result<Request, InvalidCursor> {
    let bytes = URL_SAFE_NO_PAD
        .decode(cursor.trim())
        .map_err(|_| InvalidCursor::Unreadable)?;
    let (version, numbers) = bytes.split_first().ok_or(InvalidCursor::Unreadable)?;
    let (numbers, rest) = numbers.as_chunks::<8>();
    let mut numbers = numbers.iter().map(|number| u64::from_be_bytes(*number));
    let fits = (HEAD..=HEAD + 8 * MOST_SHOWN).contains(&bytes.len());
    let (Some(print), Some(seed), true) = (numbers.next(), numbers.next(), fits) else {
        return Err(InvalidCursor::Unreadable);
    };
    let shown: Vec<u64> = numbers.collect();
    if *version != VERSION || !rest.is_empty() || !shown.is_sorted_by(|a, b| a < b) {
        return Err(InvalidCursor::Unreadable);
    }
    if print != fingerprint(&request) {
        return Err(InvalidCursor::OtherSearch);
    }
    Ok(Request {
        seed,
        shown,
        ..request
    })
}

/// 64 bits that tell searches apart by what they find; pages, order and what is counted beside do not
/// count.
#[must_use]
pub fn fingerprint(request: &Request) -> u64 {
    let Request {
        need,
        text,
        near,
        serves,
        languages,
        availability,
        circumstances,
        access,
        fee,
        interpreter,
        neighbours,
        also,
        beside: _,
        limit: _,
        seed: _,
        shown: _,
        covers: _,
        facets: _,
        near_misses: _,
    } = request;
    let mut parts = Parts::default();
    parts.list(need.iter().flat_map(|need| &need.any_of).map(Code::as_str));
    parts.list(need.iter().flat_map(|need| &need.all_of).map(Code::as_str));
    parts.list(text.iter().map(QueryText::as_str));
    let radius = near.as_ref().map(|Near { place, radius }| {
        parts.place(Some(place));
        radius.get().to_bits()
    });
    parts.list(radius.map(|bits| bits.to_string()));
    parts.place(serves.as_ref());
    parts.list(languages.iter().map(LanguageTag::as_str));
    parts.circumstances(*circumstances);
    parts.list([availability.as_str(), access.as_str()]);
    parts.list(fee.map(Fee::as_str));
    parts.list([interpreter, neighbours].map(ToString::to_string));
    parts.also(also);
    let hash = Hash::of(&[&parts.0]);
    let first = hash.as_bytes().first_chunk::<8>();
    first.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Texts one after another, none of which can be mistaken for two.
#[derive(Default)]
struct Parts(Vec<u8>);

impl Parts {
    fn list(&mut self, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        for text in texts {
            let text = text.as_ref();
            self.0.extend(
                u64::try_from(text.len())
                    .unwrap_or(u64::MAX - 1)
                    .to_be_bytes(),
            );
            self.0.extend(text.as_bytes());
        }
        self.0.extend(u64::MAX.to_be_bytes());
    }

    fn place(&mut self, place: Option<&Locality>) {
        let Some(place) = place else {
            return self.list(None::<&str>);
        };
        let point = place.point.map(|point| (point.lat(), point.lon()));
        self.list([
            format!("{:?}", place.kind),
            format!("{point:?}"),
            format!("{:?}", place.zip),
            format!("{:?}", place.state),
            place.country.to_string(),
        ]);
        self.list(place.counties.iter().map(|(county, _)| county.to_string()));
    }

    fn circumstances(&mut self, given: Circumstances) {
        self.list(given.custody.map(Custody::as_str));
        self.list(given.age.map(|age| age.years().to_string()));
        self.list(given.immigration.map(Immigration::as_str));
        self.list(given.nationality.map(|country| country.to_string()));
        self.list(given.work_permit.map(WorkPermit::as_str));
    }

    fn also(&mut self, also: &Also) {
        let Also {
            codes,
            languages,
            state,
            in_state,
            access,
        } = also;
        self.list(codes.iter().map(Code::as_str));
        self.list(languages.iter().map(LanguageTag::as_str));
        self.list(state.map(State::as_str));
        self.list(in_state.map(|state| state.to_string()));
        self.list([access.as_str()]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::geo::StateCode;
    use crate::search::testing::any_request;
    use crate::search::{Change, Filter, Need};

    fn asking(need: &str) -> Request {
        Request {
            need: Some(Need::parse(need).unwrap()),
            ..Request::any()
        }
    }

    #[test]
    fn the_cursor_of_another_search_is_refused() {
        let cursor = cursor_after(&asking("lc:bond"), [PublicId::from_u128(1)]);

        assert_eq!(
            resume(asking("lc:bia"), &cursor),
            Err(InvalidCursor::OtherSearch)
        );
    }

    #[test]
    fn what_no_search_gave_out_is_refused() {
        let good = cursor_after(&asking("lc:bond"), [PublicId::from_u128(7 << 64)]);
        let cut = &good[..good.len() - 2];
        let later = format!("Ag{}", &good[2..]);
        let endless = URL_SAFE_NO_PAD.encode(vec![1; HEAD + 8 * (MOST_SHOWN + 1)]);

        for wrong in [
            "",
            "-1",
            "2",
            "\0",
            "AQ",
            "no cursor",
            cut,
            &later,
            &endless,
        ] {
            let refused = resume(asking("lc:bond"), wrong);
            assert_eq!(refused, Err(InvalidCursor::Unreadable), "{wrong}");
        }
        assert!(resume(asking("lc:bond"), &good).is_ok());
    }

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_search(
            request in any_request(), ids in vec(any::<u128>(), 0..50), limit in 1..200_u32
        ) {
            let ids: Vec<PublicId> = ids.into_iter().map(PublicId::from_u128).collect();
            let cursor = cursor_after(&request, ids.iter().copied());
            let next = Request { seed: 0, limit, facets: false, ..request.clone() };
            let next = resume(next, &cursor).unwrap();

            prop_assert_eq!(next.seed, request.seed);
            prop_assert!(ids.iter().all(|id| next.shown.binary_search(&id.upper()).is_ok()));
        }

        #[test]
        fn a_search_changed_or_narrowed_is_another(request in any_request()) {
            let narrowed = Filter::InState(StateCode::parse("ND").unwrap()).apply(&request);
            prop_assert_ne!(fingerprint(&request), fingerprint(&narrowed));
            for change in [Change::Neighbours, Change::AnyLanguage, Change::AnyFee, Change::WidenTo(77)] {
                let changed = change.apply(&request);
                let same = changed == Request { shown: vec![], ..request.clone() };
                prop_assert_eq!(fingerprint(&changed) == fingerprint(&request), same);
            }
            for which in request.circumstances.given() {
                let changed = Change::Without(which).apply(&request);
                prop_assert_ne!(fingerprint(&changed), fingerprint(&request));
            }
        }
    }
}
