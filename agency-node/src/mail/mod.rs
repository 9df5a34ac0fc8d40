//! Reminders by mail, through the agency's own mail server.
//!
//! [`MailConfig`] says where and to whom; a [`Mailer`] made of it sends one letter; [`remind`] is the daemon's
//! task, which looks at what goes stale and sends what is due. Nothing waits for a mail: while it cannot be
//! sent, it is tried again and `agency-node status` says why. A letter holds names and ids of services and
//! times, nothing else.

mod remind;

pub use referral_runtime::mail::{InvalidMail, MailConfig, Mailer, NotSent};
pub use remind::remind;
