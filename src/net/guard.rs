//! Which addresses may be asked: https to the outside, by what is written and by what its name leads to.
//!
//! A name is looked up here and the connection goes to what was found and looked at, so that a name
//! that leads elsewhere the next time leads nowhere. Never caches a name.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// It cannot be read.
    #[error("it is no URL")]
    NoUrl,
    /// It is plain http, or another scheme.
    #[error("it is not https")]
    NotHttps,
    /// It is this machine.
    #[error("it is this machine")]
    Here,
    /// It is on a private network or reserved.
    #[error("it is an address of a network inside")]
    Inside,
}

/// What may be asked. With `allow_insecure`, plain http and this machine's own addresses may be too.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// For trying things out.
    pub allow_insecure: bool,
}

impl Guard {
    /// Looks at what is written.
    pub fn check(self, url: &str) -> Result<Url, NotAsked> {
        let url = Url::parse(url).map_err(|_| NotAsked::NoUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_insecure => {}
            _ => return Err(NotAsked::NotHttps),
        }
        let host = url.host_str().ok_or(NotAsked::NoUrl)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host == "localhost" || host.ends_with(".localhost") {
            return if self.allow_insecure { Ok(url) } else { Err(NotAsked::Here) };
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            self.check_address(address)?;
        }
        Ok(url)
    }

    /// Looks at an address that is to be connected to (RFC 1918, 4193, 6598, 6890).
    pub fn check_address(self, address: IpAddr) -> Result<(), NotAsked> {
        let address = plain(address);
        if address.is_loopback() {
            return if self.allow_insecure { Ok(()) } else { Err(NotAsked::Here) };
        }
        let inside = match address {
            IpAddr::V4(v4) => {
                let [first, second, third, _] = v4.octets();
                v4.is_private()
                    || v4.is_link_local()
                    || v4.is_broadcast()
                    || v4.is_multicast()
                    || v4.is_documentation()
                    || first == 0
                    || first >= 240
                    || (first == 100 && second & 0xc0 == 64)
                    || (first == 192 && second == 0 && third == 0)
                    || (first == 198 && second & 0xfe == 18)
            }
            IpAddr::V6(v6) => {
                let [first, second, ..] = v6.segments();
                v6.is_unspecified()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
                    || v6.is_multicast()
                    || first & 0xffc0 == 0xfec0
                    || (first == 0x2001 && second == 0x0db8)
                    // Local-use translation (RFC 8215).
                    || (first == 0x0064 && second == 0xff9b && v6.segments()[2] == 1)
            }
        };
        if inside { Err(NotAsked::Inside) } else { Ok(()) }
    }
}

/// The IPv4 address within an IPv6 one, where it is only another way to write or reach it: mapped,
/// compatible, translated (RFC 6052), 6to4 (RFC 3056).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if v6.is_loopback() || v6.is_unspecified() {
        return address;
    }
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        IpAddr::from([one, two, three, four])
    };
    match (a, b) {
        (0, 0) if (c, d, e) == (0, 0, 0) && (f == 0 || f == 0xffff) => v4(g, h),
        // IPv4-translated (RFC 2765 section 2.1).
        (0, 0) if (c, d, e, f) == (0, 0, 0xffff, 0) => v4(g, h),
        (0x0064, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(g, h),
        (0x2002, _) => v4(b, c),
        _ => address,
    }
}

/// The host that a URL names, as it is written there.
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// The host of a URL, with the port when it is not the usual one: the name of an upstream.
pub fn upstream_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Looks a name up, on a thread that may block.
pub type Lookup = dyn Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync;

/// Looks names up and gives away only addresses that may be asked; none at all when one of them is
/// inside, for then the name is not to be trusted.
pub struct Names {
    /// What may be asked.
    pub guard: Guard,
    /// How names are looked up.
    pub lookup: Arc<Lookup>,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookup) = (self.guard, Arc::clone(&self.lookup));
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || lookup(&name)).await??;
            for address in &found {
                guard.check_address(*address)?;
            }
            let addresses: Vec<_> = found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Asks the system.
pub fn system(name: &str) -> std::io::Result<Vec<IpAddr>> {
    use std::net::ToSocketAddrs as _;
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTSIDE: Guard = Guard { allow_insecure: false };
    const TRYING: Guard = Guard { allow_insecure: true };

    #[test]
    fn only_https_to_the_outside_may_be_asked() {
        for fine in ["https://api.retellai.com/v2/x", "https://8.8.8.8/", "https://[2606::1]/"] {
            OUTSIDE.check(fine).expect(fine);
        }
        for bad in [
            "http://api.vapi.ai/",
            "https://localhost/",
            "https://a.localhost:8443/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://192.0.0.192/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://240.0.0.1/",
            "https://0.0.0.0/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::a00:1]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[64:ff9b:1::1]/",
            "https://[2002:a00:1::1]/",
            "https://[fd00::1]/",
            "https://[fec0::1]/",
            "https://[::ffff:0:10.0.0.1]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            OUTSIDE.check(bad).expect_err(bad);
        }
    }

    #[test]
    fn trying_things_out_reaches_this_machine_and_no_other_inside() {
        for fine in ["http://127.0.0.1:9/", "http://localhost/", "https://[::1]/"] {
            TRYING.check(fine).expect(fine);
        }
        for bad in ["http://169.254.169.254/", "http://10.0.0.1/", "ftp://127.0.0.1/"] {
            TRYING.check(bad).expect_err(bad);
        }
    }
}
