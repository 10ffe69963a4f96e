//! Who is calling, proved: passwords and secrets, signed tokens, and the extractors that hand a
//! handler an actor of the role it needs.
//!
//! A use case that takes [`Admin`] cannot be reached by anybody else: these types are made here
//! only, from a verified token or a browser's session. Which rows an actor may see is each feature's own rule.
//!
//! Must not know: any feature.

mod actor;
mod extract;
pub mod keys;
pub mod secrets;
pub mod sessions;
mod store;

pub use actor::{Actor, Admin, AdminOr, Assessor, Member, Reader, Role, Who};
pub use keys::Keys;
pub use sessions::Session;
