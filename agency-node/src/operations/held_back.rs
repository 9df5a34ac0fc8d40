//! What the directory has of this agency and nobody finds there, as it said last. It is kept in memory: every session
//! begins with it.

use std::collections::BTreeMap;

use axum::http::Uri;
use referral_core::catalog::Category;
use referral_core::id::LocalId;
use referral_runtime::listen::is_own_machine;

use super::Node;

/// Longest address of the directory's pages that is kept. Unit: bytes.
const ADDRESS: usize = 300;

/// What the directory holds back, and where its pages are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// Services that searches do not find, each with why.
    pub services: BTreeMap<LocalId, HeldFor>,
    /// How people reach the directory's pages, without a path, such as `https://directory.example`; `None`: it did not
    /// say.
    pub pages: Option<String>,
}

/// Why a service is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldFor {
    /// The agency was not granted this category.
    Grant(Category),
    /// Its name, or its organization's, has to be looked at.
    Name,
    /// Nobody said it again for a year.
    Archived,
    /// A reason of a newer directory.
    Other,
}

impl HeldFor {
    /// Reads what the directory said.
    #[must_use]
    pub fn read(code: &str, category: &str) -> Self {
        match (code, Category::parse(category)) {
            ("needs_grant", Ok(category)) => Self::Grant(category),
            ("name", _) => Self::Name,
            ("archived", _) => Self::Archived,
            _ => Self::Other,
        }
    }
}

/// The address of the directory's pages, where what it said is one.
#[must_use]
pub fn pages(said: &str) -> Option<String> {
    let uri: Uri = said.parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority()?;
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let fits = said.len() <= ADDRESS && !authority.as_str().contains('@');
    let address = said.trim_end_matches('/').to_owned();
    (is_web && bare && fits).then_some(address)
}

impl Node {
    /// Where the directory serves everybody, such as `https://directory.example`; `None`: it did not say where its
    /// pages are, or they are only on its own machine and this is another one.
    #[must_use]
    pub fn public_site(&self) -> Option<String> {
        let pages = self.held_back().borrow().as_ref()?.pages.clone()?;
        let uri: Uri = pages.parse().ok()?;
        let elsewhere = !is_own_machine(self.membership().directory.host());
        (!is_own_machine(uri.host()?) || !elsewhere).then_some(pages)
    }

    /// The public page of a service at the directory; `None`: nobody knows where its pages are.
    #[must_use]
    pub fn public_page(&self, service: &LocalId) -> Option<String> {
        let agency = &self.membership().agency;
        let site = self.public_site()?;
        Some(format!("{site}/service/{agency}/{service}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_of_a_site_is_taken_for_one() {
        assert_eq!(
            pages("https://directory.example/").as_deref(),
            Some("https://directory.example")
        );
        assert_eq!(
            pages("http://127.0.0.1:8080").as_deref(),
            Some("http://127.0.0.1:8080")
        );
        for none in [
            "",
            "directory.example",
            "javascript:alert(1)",
            "https://a@directory.example",
            "https://directory.example/elsewhere?x=1",
        ] {
            assert_eq!(pages(none), None, "{none}");
        }
    }

    #[test]
    fn a_reason_of_a_newer_directory_is_one_too() {
        assert_eq!(
            HeldFor::read("needs_grant", "legal"),
            HeldFor::Grant(Category::Legal)
        );
        assert_eq!(HeldFor::read("name", ""), HeldFor::Name);
        assert_eq!(HeldFor::read("archived", ""), HeldFor::Archived);
        assert_eq!(HeldFor::read("needs_grant", "astrology"), HeldFor::Other);
    }
}
