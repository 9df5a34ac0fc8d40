//! Which services the directory holds back, put together from its messages.

use std::collections::BTreeMap;

use referral_core::id::LocalId;
use referral_proto::v1;

use super::SessionError;
use crate::operations::{HeldBack, HeldFor, pages};

/// Most services of one agency.
const SERVICES: usize = 100_000;

/// What the directory said of it in this session.
#[derive(Debug, Default)]
pub(super) struct Told {
    pages: Option<String>,
    /// What has come of a list that is not complete.
    coming: BTreeMap<LocalId, HeldFor>,
    news: Option<HeldBack>,
}

impl Told {
    /// A session begins: nothing is held until the directory says so.
    pub(super) fn begin(&mut self, welcome: &v1::PublishWelcome) {
        self.pages = pages(&welcome.pages);
        self.coming.clear();
        self.take(BTreeMap::new());
    }

    /// Part of the list.
    pub(super) fn hear(&mut self, part: v1::HeldBack) -> Result<(), SessionError> {
        for one in part.services {
            let id = LocalId::parse(&one.local_id);
            let id = id.map_err(|_| SessionError::Protocol("it holds back what has no id"))?;
            self.coming
                .insert(id, HeldFor::read(&one.code, &one.category));
        }
        if self.coming.len() > SERVICES {
            return Err(SessionError::Protocol(
                "it holds back more than an agency has",
            ));
        }
        if part.last {
            let services = std::mem::take(&mut self.coming);
            self.take(services);
        }
        Ok(())
    }

    /// What is new since this was asked last.
    pub(super) fn news(&mut self) -> Option<HeldBack> {
        self.news.take()
    }

    fn take(&mut self, services: BTreeMap<LocalId, HeldFor>) {
        self.news = Some(HeldBack {
            services,
            pages: self.pages.clone(),
        });
    }
}
