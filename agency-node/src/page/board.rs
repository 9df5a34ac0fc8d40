//! The list of services, and the one-tap changes.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Order;
use referral_core::federation::Epoch;
use referral_core::id::LocalId;
use referral_runtime::web::Fields;
use tokio::time::timeout;

use super::late::Late;
use super::sign_in;
use super::visitor::SignedIn;
use super::{House, failed, not_queued, render, say, stopping, tell, to};
use crate::operations::Awaited;
use crate::operations::desk::{Board, Desk, LastChange, LastKind, NotChanged, Same, Tap};
use crate::outbox::ReportKey;
use frame::Frame;
pub(super) use row::RowView;
use sync::Sync;

pub(super) mod frame;
mod row;
mod sync;
pub(super) mod why;

/// Services on one page.
const SHOWN: usize = 25;
/// For so long what was changed last stays on top.
const LAST: SignedDuration = SignedDuration::from_mins(15);
/// How long the answer to a change waits for the directory's, so that it can say it.
const ANSWERED: Duration = Duration::from_millis(400);

/// The pages.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/", get(list))
        .route("/change", post(change))
        .route("/same", post(all_same))
        .route("/undo", post(undo))
}

/// `board.html`.
#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
    sync: Sync,
    token: String,
    seen: u64,
    /// How many services somebody said something of.
    said: usize,
    /// How many of them are to be confirmed by now.
    due: usize,
    all: usize,
    /// How many of them nobody has published again for long.
    ageing: usize,
    last: Option<LastView>,
    fault: Option<Fault>,
    /// What could not be confirmed, and why.
    refused: Vec<(String, String)>,
    rows: Vec<RowView>,
    at: Place,
    /// Links to the page before and after.
    before: Option<String>,
    after: Option<String>,
    numbers: String,
}

/// What was changed last.
struct LastView {
    text: String,
    at: String,
    ago: String,
    can_undo: bool,
    row: Option<RowView>,
}

/// What went wrong, and where on the page that is.
struct Fault {
    text: String,
    field: Option<String>,
}

/// Which part of the list somebody looks at.
#[derive(Clone, Debug, Default)]
struct Place {
    words: String,
    page: usize,
}

/// A change that was refused, to be shown beside what was typed.
struct Refused {
    about: ReportKey,
    text: String,
    /// The number, where one was typed.
    typed: Option<String>,
}

impl Place {
    fn read(fields: &Fields) -> Self {
        Self {
            words: fields.value("q").trim().chars().take(100).collect(),
            page: fields.value("page").parse().unwrap_or(1).clamp(1, 10_000),
        }
    }

    fn link(&self) -> String {
        let mut link = form_urlencoded::Serializer::new(String::new());
        if !self.words.is_empty() {
            link.append_pair("q", &self.words);
        }
        if self.page > 1 {
            link.append_pair("page", &self.page.to_string());
        }
        match link.finish() {
            pairs if pairs.is_empty() => "/".to_owned(),
            pairs => format!("/?{pairs}"),
        }
    }

    fn at(&self, page: usize) -> String {
        Self {
            words: self.words.clone(),
            page,
        }
        .link()
    }
}

async fn list(
    State(house): State<Arc<House>>,
    who: SignedIn,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let place = Place::read(&query);
    let late = Late::read(&query).map(|late| Refused {
        text: late.words(),
        typed: late.number().map(str::to_owned),
        about: late.about,
    });
    page(&house, who, StatusCode::OK, place, late, Vec::new()).await
}

async fn change(
    State(house): State<Arc<House>>,
    who: Result<SignedIn, Response>,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    let who = match (who, Late::read(&typed)) {
        (Ok(who), _) => who,
        (Err(_), Some(late)) => return to(&format!("{}&{}", sign_in::TOO_LATE, late.query())),
        (Err(sign_in), None) => return sign_in,
    };
    if typed.value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    let place = Place::read(&typed);
    let Some((about, seen)) = about(&typed) else {
        return failed(StatusCode::BAD_REQUEST, say("form-broken"));
    };
    let number = typed.value("places").trim();
    let tap = match typed.value("tap") {
        "open" => Some(Tap::Open),
        "waitlist" => Some(Tap::Waitlist),
        "full" => Some(Tap::Full),
        "more" => Some(Tap::OneMore),
        "less" => Some(Tap::OneLess),
        "same" => None,
        "places" => {
            let Ok(places) = number.parse() else {
                let text = say("wrong-number");
                return refused(&house, who, place, about, text, Some(number)).await;
            };
            Some(Tap::Places(places))
        }
        _ => return failed(StatusCode::BAD_REQUEST, say("form-broken")),
    };
    let (person, subject) = (who.person.clone(), about.clone());
    let changed = house.node.run(move |node| {
        let desk = node.desk(&person);
        match tap {
            Some(tap) => desk.change(&subject, seen, tap),
            None => desk.same(&subject, seen),
        }
    });
    match changed.await {
        Ok(Ok(())) => done(&house, &place).await,
        Ok(Err(NotChanged::NotQueued(error))) => not_queued(&error),
        Ok(Err(wrong)) => {
            let text = why::not_changed(&wrong);
            let typed = matches!(tap, Some(Tap::Places(_))).then_some(number);
            refused(&house, who, place, about, text, typed).await
        }
        Err(_) => stopping(),
    }
}

async fn all_same(State(house): State<Arc<House>>, who: SignedIn, body: Bytes) -> Response {
    let typed = Fields::read(&body);
    let seen = typed.value("seen").parse();
    let (true, Ok(seen)) = (typed.value("token") == who.token(), seen) else {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    };
    let person = who.person.clone();
    let done_by = house
        .node
        .run(move |node| node.desk(&person).all_same(seen));
    match done_by.await {
        Ok(Ok(Same { refused, .. })) if refused.is_empty() => done(&house, &Place::default()).await,
        Ok(Ok(Same { refused, .. })) => {
            let refused = refused.into_iter();
            let refused = refused.map(|(title, why)| (title, why::capacity(&why)));
            let place = Place::read(&typed);
            page(&house, who, StatusCode::OK, place, None, refused.collect()).await
        }
        Ok(Err(NotChanged::NotQueued(error))) => not_queued(&error),
        Ok(Err(wrong)) => failed(StatusCode::CONFLICT, why::not_changed(&wrong)),
        Err(_) => stopping(),
    }
}

async fn undo(State(house): State<Arc<House>>, who: SignedIn, body: Bytes) -> Response {
    let typed = Fields::read(&body);
    if typed.value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    let person = who.person.clone();
    let undone = house.node.run(move |node| node.desk(&person).undo());
    match undone.await {
        Ok(Ok(())) => done(&house, &Place::read(&typed)).await,
        Ok(Err(NotChanged::NotQueued(error))) => not_queued(&error),
        Ok(Err(wrong)) => failed(StatusCode::CONFLICT, why::not_changed(&wrong)),
        Err(_) => stopping(),
    }
}

/// It is on the disk. Where the directory is there, its answer is waited for a little.
async fn done(house: &House, place: &Place) -> Response {
    if house.node.link().borrow().connected {
        let _late = timeout(ANSWERED, house.node.acknowledged(Awaited::All)).await;
    }
    to(&format!("{}#last", place.link()))
}

async fn refused(
    house: &Arc<House>,
    who: SignedIn,
    place: Place,
    about: ReportKey,
    text: String,
    typed: Option<&str>,
) -> Response {
    let refused = Refused {
        about,
        text,
        typed: typed.map(str::to_owned),
    };
    let status = StatusCode::CONFLICT;
    page(house, who, status, place, Some(refused), Vec::new()).await
}

/// What a form is about, and what its page showed.
fn about(typed: &Fields) -> Option<(ReportKey, Option<Order>)> {
    let location = match typed.value("location") {
        "" => None,
        id => Some(LocalId::parse(id).ok()?),
    };
    let about = ReportKey {
        service: LocalId::parse(typed.value("service")).ok()?,
        location,
    };
    let seen = match typed.value("seen") {
        "" => None,
        text => {
            let mut numbers = text.split('.').map(str::parse::<u64>);
            let mut number = || numbers.next()?.ok();
            let (generation, epoch, cseq) = (number()?, number()?, number()?);
            let epoch = Epoch {
                generation,
                number: epoch,
            };
            Some(Order { epoch, cseq })
        }
    };
    Some((about, seen))
}

async fn page(
    house: &Arc<House>,
    who: SignedIn,
    status: StatusCode,
    place: Place,
    wrong: Option<Refused>,
    refused: Vec<(String, String)>,
) -> Response {
    let drawn = house.node.run(move |node| {
        let now = node.clock().now();
        let desk = node.desk(&who.person);
        let board = desk.board();
        let mut page = drawn(&desk, board, place, wrong.as_ref(), now);
        page.token = who.token();
        page.refused = refused;
        page
    });
    match drawn.await {
        Ok(page) => render(status, &page),
        Err(_) => stopping(),
    }
}

fn drawn(
    desk: &Desk<'_>,
    board: Board,
    place: Place,
    wrong: Option<&Refused>,
    now: Timestamp,
) -> BoardPage {
    let sync = Sync::of(&desk.link(), &board, now);
    let said = board.rows.iter().filter(|row| row.is_said()).count();
    let due = board.rows.iter().filter(|row| row.is_due).count();
    let all = board.rows.len();
    let recent = board.last.filter(|last| now.duration_since(last.at) < LAST);
    let top = recent.as_ref().and_then(single).cloned();
    let mut views = Vec::new();
    let mut top_row = None;
    for (at, row) in board.rows.iter().enumerate() {
        let refused = wrong.filter(|wrong| wrong.about == row.about);
        let view = RowView::of(
            row,
            at,
            refused.map(|one| (&*one.text, one.typed.as_deref())),
            now,
        );
        if top.as_ref() == Some(&row.about) {
            top_row = Some(view);
        } else if view.is_like(&place.words) || refused.is_some() {
            views.push(view);
        }
    }
    // What was refused is seen, wherever it is in the list.
    views.sort_by_key(|view| view.fault.is_none());
    let found = views.len();
    let pages = found.div_ceil(SHOWN).max(1);
    let number = place.page.min(pages);
    let fault = wrong.map(|wrong| Fault {
        text: wrong.text.clone(),
        field: top_row
            .iter()
            .chain(&views)
            .find(|view| view.fault.is_some())
            .map(|view| {
                if view.is_number_wrong {
                    format!("{}-places", view.id)
                } else {
                    view.id.clone()
                }
            }),
    });
    let rows: Vec<RowView> = views
        .into_iter()
        .skip((number - 1) * SHOWN)
        .take(SHOWN)
        .collect();
    let numbers = [("page", number.into()), ("pages", pages.into())];
    BoardPage {
        frame: Frame::of(desk, "services"),
        sync,
        token: String::new(),
        seen: board.seen,
        said,
        due,
        all,
        ageing: desk.ageing_count(),
        last: recent.map(|last| LastView::of(&last, top_row, now)),
        fault,
        refused: Vec::new(),
        rows,
        before: (number > 1).then(|| place.at(number - 1)),
        after: (number < pages).then(|| place.at(number + 1)),
        numbers: tell("page-of", &numbers),
        at: place,
    }
}

/// The one thing that was changed last.
fn single(last: &LastChange) -> Option<&ReportKey> {
    match (&last.kind, last.changed.as_slice()) {
        (LastKind::AllSame(_), _) => None,
        (_, [(about, _)]) => Some(about),
        _ => None,
    }
}

impl LastView {
    fn of(last: &LastChange, row: Option<RowView>, now: Timestamp) -> Self {
        let count = last.changed.len();
        let name = last.changed.first().map(|(_, title)| title.clone());
        let name = name.unwrap_or_default();
        let text = match last.kind {
            LastKind::Tap(..) => tell("last-changed", &[("name", name.into())]),
            LastKind::Same(_) => tell("last-same", &[("name", name.into())]),
            LastKind::AllSame(_) => tell("last-all-same", &[("count", count.into())]),
            LastKind::Undone if count == 1 => tell("last-undone", &[("name", name.into())]),
            LastKind::Undone => tell("last-undone-all", &[("count", count.into())]),
        };
        Self {
            text,
            at: last.at.to_string(),
            ago: super::words::ago(last.at, now),
            can_undo: last.kind != LastKind::Undone && count > 0,
            row,
        }
    }
}
