//! `[server]`: where frontdesk listens, and under which address the world reaches it.
//!
//! Never here: opening a socket, or asking the name service.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::metrics::networks;
use crate::domain::network::TrustedProxies;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// `[server]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The addresses to listen on: at least one, none twice.
    #[serde(deserialize_with = "addresses")]
    pub listen: Vec<SocketAddr>,
    /// The address under which providers reach this server, such as `https://desk.example.com`,
    /// without a slash at its end; `None` where it is not set.
    #[serde(deserialize_with = "public_url")]
    pub public_url: Option<String>,
    /// Proxies that tell the address of a client; nobody else is believed.
    #[serde(deserialize_with = "proxies")]
    pub trusted_proxies: TrustedProxies,
    /// Sites whose scripts may use the API, as `Origin` names them; none: no other site may.
    #[serde(deserialize_with = "origins")]
    pub cors_origins: Vec<String>,
    /// Whom to tell of a hole: an address of `mailto:` or `https:`; `None` where it is not set.
    #[serde(deserialize_with = "contact")]
    pub security_contact: Option<String>,
}

impl Server {
    /// `public_url`, or else the first listening address, which only this machine may reach.
    pub fn base_url(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let mut address =
            *self.listen.first().expect("settings without an address to listen on are refused");
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        format!("http://{address}")
    }
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    deserializer.deserialize_any(Addresses)
}

/// Reads one address, or a list of them.
struct Addresses;

impl<'de> Visitor<'de> for Addresses {
    type Value = Vec<SocketAddr>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an address with its port, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        address(text).map(|one| vec![one]).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Address(next)) = list.next_element()? {
            if all.contains(&next) {
                return Err(A::Error::custom("names one address twice"));
            }
            all.push(next);
        }
        if all.is_empty() {
            return Err(A::Error::custom("must name at least one address"));
        }
        Ok(all)
    }
}

/// One element of the list, so that a fault in it knows which one.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Address(SocketAddr);

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        address(&text).map(Self)
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8080 or [::]:443")
}

fn proxies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TrustedProxies, D::Error> {
    networks(deserializer).map(TrustedProxies)
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| match site(text) {
        // As browsers write it (RFC 6454 section 6.2), so that it can be compared.
        Ok(site) if site == *text && *text == text.to_lowercase() => Ok(site),
        Ok(_) => Err(D::Error::custom("must be written as browsers do: small letters, no slash")),
        Err(why) => Err(D::Error::custom(why)),
    };
    texts.iter().map(read).collect()
}

fn contact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let plain = text.chars().all(|c| c.is_ascii_graphic());
    match text.as_str() {
        "" => Ok(None),
        one if plain && (one.starts_with("mailto:") || one.starts_with("https://")) => {
            Ok(Some(text))
        }
        _ => Err(D::Error::custom("must begin with mailto: or https://, without spaces")),
    }
}

fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    site(&text).map(Some).map_err(D::Error::custom)
}

/// A scheme and a host, perhaps a port, and nothing else; a last slash is taken off.
fn site(text: &str) -> Result<String, &'static str> {
    let Some((scheme @ ("http" | "https"), rest)) = text.split_once("://") else {
        return Err("must begin with https:// (or http://)");
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if !is_authority(authority) {
        return Err("must be a host and perhaps a port, such as https://desk.example.com, \
             without a path, a query or a user name");
    }
    Ok(format!("{scheme}://{authority}"))
}

fn is_authority(text: &str) -> bool {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host_fits, port) = match bracketed {
        Some((host, port)) => (host.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (is_host(host), port)
        }
    };
    host_fits && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}
