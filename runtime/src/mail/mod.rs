//! Mail through the operator's own mail server.
//!
//! [`MailConfig`] says where and to whom; a [`Mailer`] made of it sends one [`Letter`]. Nothing is tried again here:
//! [`NotSent`] says why a letter was not taken, and whether that may pass by itself.

mod config;
mod mailer;

pub use config::{InvalidMail, MailConfig};
pub use mailer::{Mailer, NotSent};

/// A message in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it is about, in one line.
    pub subject: String,
    /// The text, in lines.
    pub body: String,
}
