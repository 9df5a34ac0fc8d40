//! What the pages of every program share: the headers that guard each answer, the refusal of other sites' forms,
//! cookies, fields of forms, the stylesheet and the icon.
//!
//! What a page says, who may see it and what a form does is each program's own.

mod cookies;
mod fields;
pub mod headers;
pub mod same_site;

pub use cookies::{cookie, end_cookie, set_cookie, set_plain_cookie};
pub use fields::Fields;

/// The stylesheet, compiled in.
pub const STYLE: &str = include_str!("../../static/style.css");
/// The icon in the browser's tab.
pub const ICON: &str = include_str!("../../static/icon.svg");
