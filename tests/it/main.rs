//! The suite: the real server on a port of its own, a file database of its own, and a clock that
//! each test moves.
//!
//! One file a subject. Nothing is shared between two tests and nothing is slept for: what is
//! awaited is looked for until it is there.

mod harness;

mod access;
mod api;
mod archive;
mod archive_faults;
mod archive_mended;
mod archive_playing;
mod archive_s3;
mod audit;
mod auth;
mod booking;
mod closed;
mod commands;
mod connections;
mod family;
mod hooks;
mod jobs;
mod languages;
mod limits;
mod lost_events;
mod mail;
mod mended;
mod mended_wire;
mod outputs;
mod pages;
mod placing;
mod plans;
mod practice;
mod privacy;
mod provisioning;
mod receptionist;
mod receptionist_changes;
mod receptionist_people;
mod receptionist_proof;
mod receptionist_times;
mod reconciling;
mod reload;
mod rest;
mod rest_booking;
mod rest_feeds;
mod rest_guard;
mod rest_lists;
mod rest_more;
mod rest_setup;
mod round_trips;
mod routes;
mod schedule;
mod store;
mod taken_days;
mod talk;
mod tools;
mod upstreams;
mod vectors;
mod waiting;
mod welcoming;
mod zones;
