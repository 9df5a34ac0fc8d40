//! States that change while a page is open: one hub for all pages.
//!
//! Start at [`Directory::live`], which gives a [`LivePage`] the states of what it shows, then every change of them.
//! [`Directory::keep_live`] is the hub: it hears what the ledger lets searches see, waits a moment for more, words each
//! state once for each clearance and hands it to the pages that show it. Pages that show something else are not woken.
//! A page sees what a search of its viewer would see, and is let go after a while: it comes again as whoever its
//! viewer is then.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use referral_core::id::{Kind, PublicId, RecordKey};
use referral_core::policy::{Clearance, Viewer};
use referral_runtime::clock::Clock;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Directory;
use super::search::SearchError;
use super::service::{OfferView, Watched};
use super::stop::Stop;

/// Most pages that are kept up to date at once.
pub const MOST_PAGES: usize = 2_000;
/// Most states of one page.
pub const MOST_STATES: usize = 60;
/// How long changes are gathered before pages are told.
const GATHER: Duration = Duration::from_millis(300);
/// How often a page is told everything anew: time makes states stale, and listings are withdrawn.
const AGAIN: Duration = Duration::from_secs(45);
/// How often is looked for pages that are due.
const LOOK: Duration = Duration::from_secs(5);
/// How long a page is kept up to date before it has to come again.
const LONGEST: Duration = Duration::from_mins(10);
/// Messages that wait for a page that does not read; then it is let go.
const WAITING: usize = 8;

/// The state of something on a page; none: it is not listed any more, or not for this viewer.
#[derive(Debug)]
pub struct LiveState {
    /// What.
    pub watched: Watched,
    /// How it stands.
    pub offer: Option<OfferView>,
}

/// Words a state for pages.
pub type Wording = fn(&LiveState) -> String;

/// Why a page is not kept up to date.
#[derive(Debug, thiserror::Error)]
pub enum LiveRefused {
    /// There are too many pages.
    #[error("too many pages are kept up to date: this one is not")]
    TooMany,
    /// They may not search.
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// What keeps one page up to date. Dropping it lets the page go.
#[derive(Debug)]
pub struct LivePage {
    receiver: mpsc::Receiver<Arc<str>>,
    _place: Place,
}

impl LivePage {
    /// What the page is told next; none: it was let go.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<str>>> {
        self.receiver.poll_recv(context)
    }
}

/// The pages that are kept up to date.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    next: AtomicU64,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    closed: bool,
    pages: HashMap<u64, Page>,
    /// Pages by the services they show.
    of: HashMap<PublicId, BTreeSet<u64>>,
}

#[derive(Debug)]
struct Page {
    watched: Vec<Watched>,
    clearance: Clearance,
    sender: mpsc::Sender<Arc<str>>,
    again: Duration,
    until: Duration,
}

/// A page's place; it is given back when dropped.
#[derive(Debug)]
struct Place {
    number: u64,
    pages: Pages,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pages.open().remove(self.number);
    }
}

impl Pages {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(
        &self,
        watched: &[Watched],
        clearance: Clearance,
        now: Duration,
    ) -> Result<LivePage, LiveRefused> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut open = self.open();
        if open.closed || open.pages.len() >= MOST_PAGES {
            return Err(LiveRefused::TooMany);
        }
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        for watched in watched {
            open.of.entry(watched.service).or_default().insert(number);
        }
        let page = Page {
            watched: watched.to_vec(),
            clearance,
            sender,
            // Told everything at once, by the hub's next look.
            again: now,
            until: now + LONGEST,
        };
        open.pages.insert(number, page);
        drop(open);
        let place = Place {
            number,
            pages: self.clone(),
        };
        Ok(LivePage {
            receiver,
            _place: place,
        })
    }
}

impl Open {
    fn remove(&mut self, number: u64) {
        let Some(page) = self.pages.remove(&number) else {
            return;
        };
        for watched in page.watched {
            if let Some(pages) = self.of.get_mut(&watched.service) {
                pages.remove(&number);
                if pages.is_empty() {
                    self.of.remove(&watched.service);
                }
            }
        }
    }

    /// What pages have to be told: those that show what changed, and those that are due.
    fn due(&mut self, changed: &HashSet<PublicId>, now: Duration) -> Vec<Due> {
        let over: Vec<u64> = self.numbers(|page| page.until <= now || page.sender.is_closed());
        for number in over {
            self.remove(number);
        }
        let again: BTreeSet<u64> = self.numbers(|page| page.again <= now).into_iter().collect();
        let concerned = changed.iter().filter_map(|service| self.of.get(service));
        let mut numbers: BTreeSet<u64> = concerned.flatten().copied().collect();
        numbers.extend(&again);
        let mut due = Vec::new();
        for number in numbers {
            let Some(page) = self.pages.get_mut(&number) else {
                continue;
            };
            let all = again.contains(&number);
            if all {
                page.again = now + AGAIN;
            }
            let watched = page.watched.iter().copied();
            let watched = watched.filter(|one| all || changed.contains(&one.service));
            due.push((number, page.clearance, watched.collect()));
        }
        due
    }

    fn numbers(&self, wanted: impl Fn(&Page) -> bool) -> Vec<u64> {
        let pages = self.pages.iter().filter(|(_, page)| wanted(page));
        pages.map(|(number, _)| *number).collect()
    }
}

/// A page, how far its viewer sees, and what it has to be told.
type Due = (u64, Clearance, Vec<Watched>);

impl Directory {
    /// Keeps a page up to date. It is told the states of all it shows soon, and again whenever one changes.
    ///
    /// # Errors
    /// [`LiveRefused`].
    pub fn live(&self, viewer: &Viewer, watched: &[Watched]) -> Result<LivePage, LiveRefused> {
        let clearance = self.asking(viewer, &Stop::default())?.clearance;
        let watched = &watched[..watched.len().min(MOST_STATES)];
        let page = self.pages.enter(watched, clearance, self.clock.elapsed())?;
        self.ledger.reported().nudge();
        Ok(page)
    }

    /// Tells open pages what changes, until `stop`; then all of them are let go.
    pub async fn keep_live(self: Arc<Self>, wording: Wording, stop: CancellationToken) {
        let told = self.tell_pages(wording);
        tokio::select! {
            () = told => {}
            () = stop.cancelled() => {}
        }
        let mut open = self.pages.open();
        open.closed = true;
        open.pages.clear();
        open.of.clear();
    }

    async fn tell_pages(self: &Arc<Self>, wording: Wording) {
        let mut heard = self.ledger.reported().subscribe();
        loop {
            let first = timeout(LOOK, heard.recv()).await;
            sleep(GATHER).await;
            let mut changed: HashSet<PublicId> = HashSet::new();
            let mut lost = false;
            let mut take = |services: &[RecordKey]| {
                changed.extend(services.iter().map(RecordKey::public_id));
            };
            match first {
                Ok(Ok(services)) => take(&services),
                Ok(Err(RecvError::Lagged(_))) => lost = true,
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => {}
            }
            loop {
                match heard.try_recv() {
                    Ok(services) => take(&services),
                    Err(tokio::sync::broadcast::error::TryRecvError::Lagged(_)) => lost = true,
                    Err(_) => break,
                }
            }
            let now = self.clock.elapsed();
            let due = {
                let mut open = self.pages.open();
                if lost {
                    // What was missed is not known: everybody is told everything.
                    open.pages.values_mut().for_each(|page| page.again = now);
                }
                open.due(&changed, now)
            };
            if due.is_empty() {
                continue;
            }
            let directory = Arc::clone(self);
            let worded = spawn_blocking(move || directory.word(due, wording));
            let Ok(worded) = worded.await else {
                continue;
            };
            self.hand_out(worded);
        }
    }

    /// Words what each page is told; a state that several show is worded once.
    fn word(&self, due: Vec<Due>, wording: Wording) -> Vec<(u64, Arc<str>)> {
        let mut worded: HashMap<(Clearance, Watched), Arc<str>> = HashMap::new();
        let mut whole: HashMap<(Clearance, Vec<Watched>), Arc<str>> = HashMap::new();
        let mut told = Vec::with_capacity(due.len());
        for (number, clearance, watched) in due {
            let known = whole.get(&(clearance, watched.clone())).cloned();
            let text = known.unwrap_or_else(|| {
                let mut text = String::new();
                for one in &watched {
                    let known = worded.entry((clearance, *one));
                    let said = known.or_insert_with(|| {
                        let offer = self.offer_of(*one, clearance);
                        wording(&LiveState {
                            watched: *one,
                            offer,
                        })
                        .into()
                    });
                    text.push_str(said);
                }
                let text: Arc<str> = text.into();
                whole.insert((clearance, watched), Arc::clone(&text));
                text
            });
            told.push((number, text));
        }
        told
    }

    fn hand_out(&self, worded: Vec<(u64, Arc<str>)>) {
        let mut open = self.pages.open();
        for (number, text) in worded {
            let page = open.pages.get(&number);
            if page.is_some_and(|page| page.sender.try_send(text).is_err()) {
                open.remove(number);
            }
        }
    }

    /// How something stands for people of this clearance.
    fn offer_of(&self, watched: Watched, clearance: Clearance) -> Option<OfferView> {
        let key = self
            .searchable
            .index_for(clearance)
            .key_of(watched.service)?;
        debug_assert!(key.kind == Kind::Service, "the index holds services");
        let shown = self.findable(&key, clearance).ok()??;
        // A page names the places of a service; results name what was found, which may be no place: a remote service
        // that has places, too.
        let places = shown.listing.service.offers.iter();
        let places = places.map(|offer| Some(&offer.location));
        let found = shown.facts.offers.iter();
        let mut named = places.chain(found.map(|offer| offer.location.as_ref()));
        let location = named.find(|location| Watched::of(&key, *location) == watched)?;
        Some(self.offer_view(&key, &shown.listing, location, self.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn watched(number: u128) -> Watched {
        Watched {
            service: PublicId::from_u128(number),
            location: None,
        }
    }

    fn services(numbers: &[u128]) -> HashSet<PublicId> {
        numbers
            .iter()
            .map(|number| PublicId::from_u128(*number))
            .collect()
    }

    #[test]
    fn only_pages_that_show_what_changed_are_told() {
        let pages = Pages::default();
        let public = Clearance::Public;
        let _one = pages.enter(&[watched(1), watched(2)], public, NOW).unwrap();
        let _other = pages.enter(&[watched(3)], public, NOW).unwrap();
        let first = pages.open().due(&HashSet::new(), NOW);
        assert_eq!(first.len(), 2, "each is told everything once");

        let due = pages.open().due(&services(&[2, 9]), NOW);

        assert_eq!(due, [(0, public, vec![watched(2)])]);
    }

    #[test]
    fn a_page_that_is_gone_or_old_gives_its_place_back() {
        let pages = Pages::default();
        let one = pages.enter(&[watched(1)], Clearance::Public, NOW).unwrap();
        let _old = pages.enter(&[watched(1)], Clearance::Public, NOW).unwrap();

        drop(one);
        assert_eq!(pages.open().pages.len(), 1);
        pages.open().due(&HashSet::new(), NOW + LONGEST);

        assert!(pages.open().pages.is_empty() && pages.open().of.is_empty());
    }

    #[test]
    fn there_are_only_so_many_places() {
        let pages = Pages::default();
        let enter = || pages.enter(&[], Clearance::Public, NOW);
        let all: Vec<_> = (0..MOST_PAGES).map(|_| enter().unwrap()).collect();

        assert!(matches!(enter(), Err(LiveRefused::TooMany)));
        drop(all);
        assert!(enter().is_ok());
    }
}
