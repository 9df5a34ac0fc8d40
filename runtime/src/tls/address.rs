//! Where a directory is: `https://HOST:PORT`, as an operator types it.

use std::fmt;

use rustls::pki_types::ServerName;
use tonic::transport::Uri;

/// The directory's federation port where an address names none.
const DEFAULT_PORT: u16 = 7443;

/// A directory's federation address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    name: ServerName<'static>,
}

/// Why text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Not `https://HOST:PORT`.
    #[error("a directory's address reads https://HOST:PORT")]
    Malformed,
    /// Another scheme than https.
    #[error("a directory is reached by https only; write https://HOST:PORT")]
    NotHttps,
}

impl Address {
    /// Reads `https://HOST:PORT`. The scheme may be left out, and the port where it is 7443.
    ///
    /// # Errors
    /// [`InvalidAddress`].
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let uri: Uri = full.parse().map_err(|_| InvalidAddress::Malformed)?;
        if uri.scheme_str() != Some("https") {
            return Err(InvalidAddress::NotHttps);
        }
        let authority = uri.authority().ok_or(InvalidAddress::Malformed)?;
        if authority.as_str().contains('@') || uri.path() != "/" || uri.query().is_some() {
            return Err(InvalidAddress::Malformed);
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| InvalidAddress::Malformed)?;
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => DEFAULT_PORT,
            _ => authority.port_u16().ok_or(InvalidAddress::Malformed)?,
        };
        Ok(Self { host, port, name })
    }

    /// The host's name or address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "https://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "https://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_port_may_be_left_out() {
        for (text, full) in [
            ("directory.example", "https://directory.example:7443"),
            ("127.0.0.1:9000", "https://127.0.0.1:9000"),
            ("https://[::1]:9000/", "https://[::1]:9000"),
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), full);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "http://a:1",
            "https://a/b",
            "https://u@a",
            "https://a:99999",
            "a b",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
