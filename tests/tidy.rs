//! Checks of the tree: who may name whom, what each file must carry, what is never committed.
//!
//! Each rule is a pure function of a path and its text that returns the faults it found, so it is
//! tried on planted text beside the check of the real tree. An exemption is a line in the rule's
//! own list, with its reason. Nothing here builds, runs or downloads anything.

#[path = "tidy/tree.rs"]
mod tree;

#[path = "tidy/code.rs"]
mod code;

#[path = "tidy/layers.rs"]
mod layers;

#[path = "tidy/crates.rs"]
mod crates;

#[path = "tidy/domain.rs"]
mod domain;

#[path = "tidy/files.rs"]
mod files;

#[path = "tidy/providers.rs"]
mod providers;

#[path = "tidy/settings.rs"]
mod settings;

#[path = "tidy/migrations.rs"]
mod migrations;

#[path = "tidy/routes.rs"]
mod routes;

#[path = "tidy/safety.rs"]
mod safety;

#[path = "tidy/secrets.rs"]
mod secrets;

#[path = "tidy/lockfile.rs"]
mod lockfile;

#[path = "tidy/pages.rs"]
mod pages;

#[path = "tidy/risks.rs"]
mod risks;
