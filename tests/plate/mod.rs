//! What the readers' files hold, and what a layout says of it.

mod corpus;
mod described;
mod dialects;
mod export_rules;
mod formats;
mod layout_from_export;
mod made;
mod numbers;
mod layouts;
mod readings;
mod settings;
mod variants;
mod vendor_sheets;
mod wells;
