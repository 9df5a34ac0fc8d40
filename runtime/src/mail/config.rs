//! `[mail]` in a program's configuration, and what can be wrong with it.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::listen::is_own_machine;

/// `[mail]`. Without the section no mail is sent.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server and the user name, e.g. `"smtps://user@mail.example.org:465"` (TLS from the start, port 465)
    /// or `"smtp://user@mail.example.org:587"` (STARTTLS, which must be offered; port 587). An `@` in
    /// the user name is written `%40`. Without TLS only a server on this machine is spoken to.
    pub smtp: String,
    /// A file with the password, readable by its owner only (mode 0600). Default: none, and then no user name.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The sender, e.g. `"Harbor House <node@harbor.example>"`.
    pub from: String,
    /// Whom to write to; at least one address.
    pub to: Vec<String>,
    /// PEM file with the certificate authority of the mail server. Default: those the system trusts.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// The IANA time zone of those who read. Default: the machine's.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How long the mail server may take for one mail. Default: `"30s"`.
    #[serde(default = "default_timeout", with = "crate::config::human_duration")]
    pub timeout: Duration,
    /// How long to wait before a mail that could not be sent is tried again; doubled each time, up to an
    /// hour. Default: `"1m"`.
    #[serde(default = "default_back_off", with = "crate::config::human_duration")]
    pub back_off: Duration,
}

/// Why mail cannot be sent with this configuration. The operator's to fix.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMail {
    /// The address of the server.
    #[error("mail.smtp: {0}; write it as smtps://USER@HOST:465 or smtp://USER@HOST:587")]
    Server(&'static str),
    /// A user name and no password, or the reverse.
    #[error("mail.smtp names a user exactly when mail.password_file is set: set both or none")]
    Credentials,
    /// An address.
    #[error("mail.{key}: not an address such as node@harbor.example")]
    Address {
        /// `from` or `to`.
        key: &'static str,
    },
    /// Nobody to write to.
    #[error("mail.to: name at least one address")]
    Nobody,
    /// The time zone.
    #[error("mail.time_zone: not a time zone such as America/Chicago")]
    TimeZone,
    /// The certificate authority.
    #[error("mail.authority: {} cannot be read as a certificate in PEM", .0.display())]
    Authority(PathBuf),
}

/// What the configuration means.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) user: Option<(String, PathBuf)>,
    pub(super) from: Mailbox,
    pub(super) to: Vec<Mailbox>,
    pub(super) zone: TimeZone,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the start.
    Tls,
    /// STARTTLS; no mail without.
    StartTls,
    /// Nothing: the server is on this machine.
    Loopback,
}

impl MailConfig {
    pub(super) fn parse(&self) -> Result<Parsed, InvalidMail> {
        let url = Url::parse(&self.smtp).map_err(|_| InvalidMail::Server("not an address"))?;
        if url.password().is_some() {
            let text =
                "the password does not belong here but into the file mail.password_file names";
            return Err(InvalidMail::Server(text));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(InvalidMail::Server("no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" if is_own_machine(host) => (Security::Loopback, 25),
            "smtp" => (Security::StartTls, 587),
            _ => return Err(InvalidMail::Server("neither smtps nor smtp")),
        };
        let user = match (url.username(), &self.password_file) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err(InvalidMail::Credentials),
            (user, Some(file)) => Some((unescaped(user)?, file.clone())),
        };
        let mailbox = |text: &str, key| text.parse().map_err(|_| InvalidMail::Address { key });
        let to: Result<Vec<Mailbox>, _> = self.to.iter().map(|to| mailbox(to, "to")).collect();
        let to = to?;
        if to.is_empty() {
            return Err(InvalidMail::Nobody);
        }
        let zone = match &self.time_zone {
            None => TimeZone::system(),
            Some(name) => TimeZone::get(name).map_err(|_| InvalidMail::TimeZone)?,
        };
        Ok(Parsed {
            host: host.to_string(),
            port: url.port().unwrap_or(port),
            security,
            user,
            from: mailbox(&self.from, "from")?,
            to,
            zone,
        })
    }
}

/// A user name as it was before it was written into an address.
fn unescaped(user: &str) -> Result<String, InvalidMail> {
    let wrong = || InvalidMail::Server("the user name cannot be read");
    let mut bytes = Vec::with_capacity(user.len());
    let mut rest = user.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        let code = high.zip(low).map(|(high, low)| high * 16 + low);
        bytes.push(
            code.and_then(|code| u8::try_from(code).ok())
                .ok_or_else(wrong)?,
        );
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

fn default_back_off() -> Duration {
    Duration::from_mins(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(smtp: &str) -> MailConfig {
        toml::from_str(&format!(
            "smtp = {smtp:?}\nfrom = \"node@harbor.example\"\nto = [\"a@harbor.example\"]\n"
        ))
        .unwrap()
    }

    fn with_password(smtp: &str) -> MailConfig {
        MailConfig {
            password_file: Some(PathBuf::from("password")),
            ..config(smtp)
        }
    }

    #[test]
    fn an_address_says_server_port_user_and_how_it_is_protected() {
        let tls = with_password("smtps://node%40harbor@mail.example")
            .parse()
            .unwrap();
        assert_eq!((tls.host.as_str(), tls.port), ("mail.example", 465));
        assert_eq!(tls.security, Security::Tls);
        assert_eq!(tls.user.unwrap().0, "node@harbor");

        let starttls = config("smtp://mail.example").parse().unwrap();
        assert_eq!(
            (starttls.port, starttls.security),
            (587, Security::StartTls)
        );
        let here = config("smtp://127.0.0.1:2525").parse().unwrap();
        assert_eq!((here.port, here.security), (2525, Security::Loopback));
        let here = config("smtp://[::1]:2525").parse().unwrap();
        assert_eq!(
            (here.host.as_str(), here.security),
            ("::1", Security::Loopback)
        );
        let other = config("smtp://192.0.2.1").parse().unwrap();
        assert_eq!(other.security, Security::StartTls);
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_key() {
        let with = |change: fn(&mut MailConfig)| {
            let mut config = config("smtps://mail.example");
            change(&mut config);
            config
        };
        for (config, says) in [
            (config("mail.example"), "mail.smtp"),
            (config("https://mail.example"), "mail.smtp"),
            (
                config("smtps://user:secret@mail.example"),
                "mail.password_file",
            ),
            (config("smtps://user@mail.example"), "mail.password_file"),
            (with_password("smtps://mail.example"), "mail.password_file"),
            (with(|c| c.from = "nobody".to_owned()), "mail.from"),
            (with(|c| c.to = vec!["a".to_owned()]), "mail.to"),
            (with(|c| c.to = vec![]), "mail.to"),
            (
                with(|c| c.time_zone = Some("Mars".to_owned())),
                "mail.time_zone",
            ),
        ] {
            let wrong = config.parse().unwrap_err().to_string();
            assert!(wrong.contains(says), "{wrong}");
            assert!(!wrong.contains("secret"), "{wrong}");
        }
    }
}
