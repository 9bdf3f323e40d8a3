//! Which addresses may be asked.
//!
//! Looks at what is written only: a name that leads to this machine is found by whoever resolves it.

use std::net::IpAddr;

use reqwest::Url;

/// Refuses what is not https, and addresses of this machine or of a network inside.
pub fn check(url: &str) -> Result<(), &'static str> {
    let url = Url::parse(url).map_err(|_| "it is no URL")?;
    if url.scheme() != "https" {
        return Err("it is not https");
    }
    let host = url.host_str().ok_or("it names no host")?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host == "localhost" || host.ends_with(".localhost") {
        return Err("it is this machine");
    }
    match host.parse::<IpAddr>() {
        Ok(address) if is_inside(address) => Err("it is an address of a network inside"),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The host that a URL names, as it is written there.
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// Whether an address is of this machine, its link or a private network (RFC 1918, 4193, 6890).
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_inside(IpAddr::V4(v4)),
            None => {
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_the_outside_may_be_asked() {
        for fine in ["https://api.retellai.com/v2/x", "https://8.8.8.8/", "https://[2606::1]/"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in [
            "http://api.vapi.ai/",
            "https://localhost/",
            "https://a.localhost:8443/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
