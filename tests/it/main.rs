//! The suite: the real server on a port of its own, a file database of its own, and a clock that
//! each test moves.
//!
//! One file a subject. Nothing is shared between two tests and nothing is slept for: what is
//! awaited is looked for until it is there.

mod harness;

mod booking;
mod commands;
mod connections;
mod hooks;
mod jobs;
mod mended;
mod mended_wire;
mod rest;
mod routes;
mod store;
mod tools;
