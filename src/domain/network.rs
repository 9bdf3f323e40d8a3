//! Networks of addresses, and which address a client has behind proxies that are trusted.
//!
//! Never asks the name service.

use std::net::IpAddr;

/// An address, or all that share its first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads an address, or a network such as `10.0.0.0/8`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse::<IpAddr>().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address is in it. One of IPv4 in IPv6's dress counts as what it is.
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u32::from(own) ^ u32::from(other);
                self.bits == 0 || differ >> (32 - self.bits) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = u128::from(own) ^ u128::from(other);
                self.bits == 0 || differ >> (128 - self.bits) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Proxies whose word on a client's address is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    /// The address of the client: the other end of the connection, unless that is a trusted proxy. Then
    /// the last address of `X-Forwarded-For` that is none: those before it anybody may have written.
    pub fn client(&self, peer: IpAddr, forwarded_for: &[&str]) -> IpAddr {
        let is_trusted = |address: IpAddr| self.0.iter().any(|network| network.holds(address));
        let peer = peer.to_canonical();
        if !is_trusted(peer) {
            return peer;
        }
        let mut nearest = peer;
        for text in forwarded_for.iter().rev().flat_map(|text| text.rsplit(',')) {
            let Ok(address) = text.trim().parse::<IpAddr>() else { break };
            nearest = address.to_canonical();
            if !is_trusted(nearest) {
                break;
            }
        }
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_shares_its_first_bits() {
        let holds = |network: &str, address: &str| {
            let network = Network::parse(network).expect("a network");
            network.holds(address.parse().expect("an address"))
        };
        assert!(holds("203.0.113.0/24", "203.0.113.200") && holds("203.0.113.7", "203.0.113.7"));
        assert!(!holds("203.0.113.0/24", "203.0.114.1") && !holds("203.0.113.7", "203.0.113.8"));
        assert!(holds("0.0.0.0/0", "8.8.8.8") && holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        for odd in ["203.0.113.0/33", "nonsense", "203.0.113.0/x", ""] {
            assert_eq!(Network::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_the_last_word() {
        let trusted = ["127.0.0.1", "10.0.0.0/8"].map(|text| Network::parse(text).expect("one"));
        let trusted = TrustedProxies(trusted.to_vec());
        let nobody = TrustedProxies::default();
        let cases: [(&TrustedProxies, &str, &[&str], &str); 9] = [
            (&nobody, "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            (&nobody, "127.0.0.1", &["198.51.100.1"], "127.0.0.1"),
            (&trusted, "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            (&trusted, "127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            (&trusted, "127.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            (&trusted, "127.0.0.1", &["6.6.6.6", "198.51.100.1, 10.1.1.1"], "198.51.100.1"),
            (&trusted, "127.0.0.1", &["6.6.6.6, nonsense"], "127.0.0.1"),
            (&trusted, "127.0.0.1", &[], "127.0.0.1"),
            (&trusted, "::ffff:10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ];
        for (proxies, peer, told, wanted) in cases {
            let client = proxies.client(peer.parse().expect("an address"), told);
            assert_eq!(client.to_string(), wanted, "{peer} {told:?}");
        }
    }
}
