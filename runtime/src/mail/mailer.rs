//! Sending one letter, and what can come in between.

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::timeout;

use super::Letter;
use super::config::{InvalidMail, MailConfig, Parsed, Security};
use crate::causes::{harmless, one_line};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The most characters of the mail server's own words that are shown.
const QUOTED: usize = 200;

/// Sends letters.
#[derive(Clone)]
pub struct Mailer {
    to: Parsed,
    tls: Tls,
    timeout: Duration,
}

/// Why a letter was not sent. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The password cannot be read.
    #[error("the password file {} {what}", path.display())]
    Password {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The server does not know this user with this password.
    #[error(
        "the mail server does not accept the user name and password{}: correct mail.smtp or the password file", said(.0)
    )]
    Credentials(String),
    /// The server does not take the letter.
    #[error("the mail server refused the mail{}: look at mail.from and mail.to", said(.0))]
    Refused(String),
    /// The server cannot take it just now.
    #[error("the mail server cannot take the mail just now{}", said(.0))]
    NotNow(String),
    /// The server did not answer in time.
    #[error("the mail server {server} did not answer within {} s", within.as_secs_f64())]
    Late {
        /// Host and port.
        server: String,
        /// How long it was given.
        within: Duration,
    },
    /// No protected connection.
    #[error("no secure connection to the mail server {server}: {why}")]
    Tls {
        /// Host and port.
        server: String,
        /// What went wrong.
        why: String,
    },
    /// It cannot do what the configuration asks for.
    #[error("the mail server {server} cannot be used as configured: {why}")]
    Unusable {
        /// Host and port.
        server: String,
        /// What it lacks.
        why: String,
    },
    /// Nobody answers there, or it is no mail server.
    #[error("the mail server {server} cannot be reached: {why}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What went wrong.
        why: String,
    },
}

impl NotSent {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password_unreadable",
            Self::Credentials(_) => "credentials_refused",
            Self::Refused(_) => "mail_refused",
            Self::NotNow(_) => "mail_not_now",
            Self::Late { .. } => "mail_server_late",
            Self::Tls { .. } => "mail_server_insecure",
            Self::Unusable { .. } => "mail_server_unusable",
            Self::Unreachable { .. } => "mail_server_unreachable",
        }
    }

    /// True when the server may take it later without anybody doing something.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::NotNow(_) | Self::Late { .. } | Self::Unreachable { .. }
        )
    }
}

impl Mailer {
    /// A mailer for this configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// [`InvalidMail`].
    pub fn new(config: &MailConfig) -> Result<Self, InvalidMail> {
        let to = config.parse()?;
        Ok(Self {
            tls: tls(&to, config.authority.as_deref())?,
            timeout: config.timeout,
            to,
        })
    }

    /// To how many addresses a letter goes.
    #[must_use]
    pub fn recipients(&self) -> usize {
        self.to.to.len()
    }

    /// The time zone of those who read.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.to.zone
    }

    /// Host and port of the mail server.
    #[must_use]
    pub fn server(&self) -> String {
        format!("{}:{}", self.to.host, self.to.port)
    }

    /// Sends a letter; comes back once the mail server has taken it for all recipients.
    ///
    /// # Errors
    /// [`NotSent`].
    pub async fn send(&self, letter: &Letter) -> Result<(), NotSent> {
        let transport = self.transport()?;
        let message = self.message(letter)?;
        match timeout(self.timeout, transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.not_sent(&error)),
            Err(_) => Err(self.late()),
        }
    }

    fn transport(&self) -> Result<Transport, NotSent> {
        let transport = Transport::builder_dangerous(&self.to.host)
            .port(self.to.port)
            .tls(self.tls.clone())
            .timeout(Some(self.timeout));
        let Some((user, file)) = &self.to.user else {
            return Ok(transport.build());
        };
        let password = password(file).map_err(|what| NotSent::Password {
            path: file.clone(),
            what,
        })?;
        let credentials = Credentials::new(user.clone(), password);
        Ok(transport.credentials(credentials).build())
    }

    fn message(&self, letter: &Letter) -> Result<Message, NotSent> {
        let message = Message::builder()
            .from(self.to.from.clone())
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN);
        let to = self.to.to.iter().cloned();
        let message = to.fold(message, lettre::message::MessageBuilder::to);
        let message = message.body(letter.body.clone());
        message.map_err(|error| NotSent::Refused(error.to_string()))
    }

    fn late(&self) -> NotSent {
        NotSent::Late {
            server: self.server(),
            within: self.timeout,
        }
    }

    fn not_sent(&self, error: &smtp::Error) -> NotSent {
        let words = || harmless(&one_line(error), QUOTED);
        let code = error.status().map(u16::from);
        match code {
            // RFC 4954, section 6.
            Some(432 | 530 | 534 | 535 | 538) => NotSent::Credentials(words()),
            _ if error.is_permanent() => NotSent::Refused(words()),
            _ if error.is_transient() => NotSent::NotNow(words()),
            _ if error.is_timeout() => self.late(),
            _ if error.is_tls() => NotSent::Tls {
                server: self.server(),
                why: words(),
            },
            // STARTTLS or a way to sign in that it does not offer.
            _ if error.is_client() => NotSent::Unusable {
                server: self.server(),
                why: words(),
            },
            _ => NotSent::Unreachable {
                server: self.server(),
                why: words(),
            },
        }
    }
}

/// Tells neither user nor addresses.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer({})", self.server())
    }
}

fn tls(to: &Parsed, authority: Option<&Path>) -> Result<Tls, InvalidMail> {
    if to.security == Security::Loopback {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(to.host.clone());
    if let Some(path) = authority {
        let unusable = || InvalidMail::Authority(path.to_owned());
        let pem = std::fs::read(path).map_err(|_| unusable())?;
        let certificate = Certificate::from_pem(&pem).map_err(|_| unusable())?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters = parameters
        .build_rustls()
        .map_err(|_| InvalidMail::Server("no secure connection can be made to that host"))?;
    Ok(match to.security {
        Security::Tls => Tls::Wrapper(parameters),
        _ => Tls::Required(parameters),
    })
}

/// The password in a file that nobody else may read; without the line's end.
fn password(file: &Path) -> Result<String, String> {
    let failed = |error: io::Error| format!("cannot be read: {error}");
    let mode = std::fs::metadata(file)
        .map_err(failed)?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err("can be read by others: close it with `chmod 600`".to_owned());
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("is empty: write the password into it".to_owned());
    }
    Ok(password.to_owned())
}

fn said(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(" ({words})")
    }
}

#[cfg(test)]
mod tests;
