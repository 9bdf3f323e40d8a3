//! Settings as a person meets them: a file and variables in, settings or faults out.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use toml_edit::ImDocument;

use super::load::switched_on;
use super::{EXAMPLE, Fault, Format, Level, Section, Settings, Sources, load, read};

/// A folder with a config.toml in it, gone when dropped.
pub(crate) struct Folder(pub(super) TempDir);

impl Folder {
    pub(crate) fn with(config: &str) -> Self {
        let folder = Self(TempDir::new().expect("the system has room for a temporary folder"));
        folder.put("config.toml", config.as_bytes());
        folder
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("the temporary folder is writable");
        path
    }

    pub(crate) fn sources(&self) -> Sources {
        Sources { file: Some(self.0.path().join("config.toml")), ..Sources::default() }
    }

    pub(crate) fn sources_and(&self, env: &[(&str, &str)]) -> Sources {
        Sources { env: variables(env).env, ..self.sources() }
    }

    /// The same folder as systemd would give it with credentials.
    pub(crate) fn sources_with_credentials(&self) -> Sources {
        let path = self.0.path().to_str().expect("a temporary path is text");
        self.sources_and(&[("CREDENTIALS_DIRECTORY", path)])
    }
}

pub(crate) fn variables(env: &[(&str, &str)]) -> Sources {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Sources { env: env.iter().map(owned).collect(), ..Sources::default() }
}

pub(crate) fn settings_of(sources: &Sources) -> Settings {
    load(sources).expect("these settings are right")
}

fn faults_of(sources: &Sources) -> Vec<Fault> {
    load(sources).expect_err("these settings are wrong").0
}

pub(crate) fn account<'s>(settings: &'s Settings, name: &str) -> &'s Section {
    settings.voice.get(name).expect("the account is configured")
}

/// Reads an account as Retell's does: `api_keys`, at least one.
pub(crate) fn keys_of(section: &Section) -> Result<Vec<String>, Vec<Fault>> {
    let mut reader = section.reader();
    let keys = reader.secrets("api_keys");
    if keys.is_empty() {
        reader.refuse("api_keys", "at least one key is required");
    }
    reader.finish()?;
    Ok(keys.iter().map(|key| key.expose().to_owned()).collect())
}

pub(crate) fn places(faults: &[Fault]) -> Vec<(Option<usize>, &str)> {
    faults.iter().map(|fault| (fault.line, fault.key.as_str())).collect()
}

/// The prose right above a key of the example, as one line.
fn prose_above(key: &str) -> String {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with(&format!("{key} = ")))
        .expect("the key stands in the example");
    let start = lines[..at]
        .iter()
        .rposition(|line| !line.starts_with("## "))
        .map_or(0, |before| before + 1);
    lines[start..at].join(" ").replace("## ", "")
}

#[test]
fn the_example_loads_and_equals_the_defaults() {
    let with = settings_of(&Folder::with(EXAMPLE).sources());
    let without = settings_of(&Sources::default());
    assert_eq!(with.server, without.server);
    assert_eq!(with.data, without.data);
    assert_eq!(with.log, without.log);
    assert_eq!(with.limits, without.limits);
    assert_eq!(with.retention, without.retention);
    assert!(with.voice.is_empty() && without.voice.is_empty());
}

#[test]
fn the_defaults_are_the_promised_ones() {
    let settings = settings_of(&Sources::default());
    assert_eq!(settings.server.base_url(), "http://127.0.0.1:8080");
    assert_eq!(settings.data.dir, PathBuf::from("./frontdesk-data"));
    assert_eq!(settings.log.level, Level::Info);
    assert_eq!(settings.log.format, Format::Text);
    assert_eq!(settings.limits.tool_deadline(), Duration::from_millis(2_500));
    assert_eq!(settings.limits.database_max_bytes(), None);
    assert!(!settings.limits.allow_insecure_upstreams());
    assert_eq!(settings.retention.seen(), Duration::from_secs(72 * 3_600));
}

#[test]
fn every_setting_switched_off_in_the_example_parses_when_switched_on() {
    for line in EXAMPLE.lines().filter(|line| line.starts_with('#')) {
        assert!(
            line == "##" || line.starts_with("## ") || line.starts_with("# "),
            "neither prose nor a setting: {line}"
        );
    }
    let settings = settings_of(&Folder::with(&switched_on(EXAMPLE)).sources());
    let mut reader = account(&settings, "retell").reader();
    let keys = reader.secrets("api_keys");
    assert!(reader.text("base_url").is_some());
    reader.finish().expect("the example's own table is right");
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_tool_that_may_outlive_its_request_is_a_fault() {
    let folder = Folder::with("[limits]\nrequest_timeout_ms = 2000\ntool_deadline_ms = 2000\n");
    let faults = faults_of(&folder.sources());
    assert_eq!(places(&faults), [(Some(3), "limits.tool_deadline_ms")]);
}

#[test]
fn the_example_tells_the_range_of_every_number() {
    let document = ImDocument::parse(EXAMPLE).expect("the example is TOML");
    for (table, item) in document.iter() {
        let keys = item.as_table().expect("everything is in a table");
        for (key, _) in keys.iter().filter(|(_, value)| value.is_integer()) {
            let name = format!("FRONTDESK_{table}__{key}").to_uppercase();
            let faults = faults_of(&variables(&[(name.as_str(), "-1")]));
            let range = faults[0]
                .message
                .strip_prefix("must be a whole number from ")
                .expect("a fault in a number tells its range");
            let prose = prose_above(key);
            assert!(prose.contains(range), "{key}: {range} is not in: {prose}");
        }
    }
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_nearest_known_one() {
    let folder = Folder::with("[limits]\nread_queu = 5\n");
    let sources = folder.sources();
    let file = sources.file.clone().expect("the folder has a file");
    let told = load(&sources).expect_err("the key is unknown").to_string();
    let expected = format!(
        "{}:2: limits.read_queu: unknown key; did you mean read_queue? known here: ",
        file.display()
    );
    assert!(told.starts_with(&expected), "{told}");
}

#[test]
fn faults_of_tables_and_of_a_provider_are_told_together() {
    let folder = Folder::with(
        "[limits]\nread_queu = 5\nbody_max_bytes = \"x\"\n[voice.retell]\napi_key = \"k\"\n",
    );
    let (settings, faults) = read(&folder.sources());
    assert_eq!(
        places(&faults),
        [(Some(2), "limits.read_queu"), (Some(3), "limits.body_max_bytes"),]
    );
    assert_eq!(faults[1].message, "must be a whole number from 1024 to 67108864, not a text");
    let faults = keys_of(account(&settings, "retell")).expect_err("api_key is not a key");
    assert_eq!(
        places(&faults),
        [(Some(4), "voice.retell.api_keys"), (Some(5), "voice.retell.api_key"),]
    );
    assert!(faults[1].message.contains("did you mean api_keys?"));
}

#[test]
fn every_fault_of_a_file_is_told_at_once_in_the_order_of_its_lines() {
    let folder = Folder::with(
        r#"[server]
listen = [
  "127.0.0.1:1",
  "nowhere",
]
public_url = "ftp://desk.example.com"
[log]
level = "inf"
colour = "red"
[limits]
readers = 65
job_attempts = "x"
job_concurrency = 1.5
allow_insecure_upstreams = "yes"
[voice]
Retell = {}
api_keys = ["k"]
[voice.two]
kind = ["retell"]
[lumits]
readers = 1
"#,
    );
    let faults = faults_of(&folder.sources());
    assert_eq!(
        places(&faults),
        [
            (Some(4), "server.listen"),
            (Some(6), "server.public_url"),
            (Some(8), "log.level"),
            (Some(9), "log.colour"),
            (Some(11), "limits.readers"),
            (Some(12), "limits.job_attempts"),
            (Some(13), "limits.job_concurrency"),
            (Some(14), "limits.allow_insecure_upstreams"),
            (Some(16), "voice.Retell"),
            (Some(17), "voice.api_keys"),
            (Some(19), "voice.two.kind"),
            (Some(20), "lumits"),
        ]
    );
    assert!(faults[0].message.starts_with("entry 2: must be an IP address"));
    assert!(faults[2].message.ends_with("did you mean info?"));
    assert!(faults[6].message.ends_with("not a fraction"));
    assert!(faults[11].message.contains("did you mean limits?"));
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_its_line() {
    let unquoted = faults_of(&Folder::with("[log]\nlevel = info\n").sources());
    assert_eq!(places(&unquoted), [(Some(2), "")]);
    let twice = faults_of(&Folder::with("[log]\nlevel = \"info\"\nlevel = \"warn\"\n").sources());
    assert_eq!(places(&twice), [(Some(3), "")]);
}

#[test]
fn a_file_that_was_named_and_is_not_there_is_a_fault() {
    let mut sources = Folder::with("").sources();
    sources.file = Some(PathBuf::from("/nonexistent/config.toml"));
    let faults = faults_of(&sources);
    assert_eq!(places(&faults), [(None, "")]);
    assert!(faults[0].message.starts_with("cannot be read: "));
}

#[test]
fn listen_takes_a_text_or_a_list_and_nothing_twice() {
    let one = settings_of(&Folder::with("[server]\nlisten = \"[::1]:80\"\n").sources());
    let expected: SocketAddr = "[::1]:80".parse().expect("this is an address");
    assert_eq!(one.server.listen, [expected]);
    for wrong in ["[]", "[\"127.0.0.1:1\", \"127.0.0.1:1\"]", "8080", "\"localhost:1\""] {
        let folder = Folder::with(&format!("[server]\nlisten = {wrong}\n"));
        let faults = faults_of(&folder.sources());
        assert_eq!(places(&faults), [(Some(2), "server.listen")], "{wrong}");
    }
}

#[test]
fn public_url_is_a_scheme_and_a_host_and_keeps_no_slash() {
    let url = |text: &str| {
        load(&variables(&[("FRONTDESK_SERVER__PUBLIC_URL", text)]))
            .map(|settings| settings.server.base_url())
            .ok()
    };
    for (given, kept) in [
        ("https://desk.example.com/", "https://desk.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ] {
        assert_eq!(url(given).as_deref(), Some(kept));
    }
    for wrong in [
        "desk.example.com",
        "ftp://desk.example.com",
        "https://",
        "https://desk.example.com/path",
        "https://desk.example.com//",
        "https://desk.example.com?a=b",
        "https://me@desk.example.com",
        "https://desk.example.com:0",
        "https://desk.example.com:+80",
        "https://desk .example.com",
    ] {
        assert_eq!(url(wrong), None, "{wrong}");
    }
}

#[test]
fn the_environment_goes_before_the_file_and_the_command_line_before_both() {
    let folder = Folder::with("[limits]\nreaders = 3\nwrite_batch = 7\n[data]\ndir = \"file\"\n");
    let mut sources = folder.sources_and(&[
        ("FRONTDESK_LIMITS__READERS", "4"),
        ("FRONTDESK_LIMITS", "{ readers = 5, read_queue = 6 }"),
        ("FRONTDESK_SERVER__LISTEN", "[\"127.0.0.1:1\", \"127.0.0.1:2\"]"),
        ("FRONTDESK_LIMITS__ALLOW_INSECURE_UPSTREAMS", "true"),
        ("FRONTDESK_DATA__DIR", "2026"),
    ]);
    let settings = settings_of(&sources);
    assert_eq!(settings.limits.readers(), 4, "the narrower variable counts");
    assert_eq!(settings.limits.read_queue(), 6);
    assert_eq!(settings.limits.write_batch(), 7);
    assert_eq!(settings.server.listen.len(), 2);
    assert!(settings.limits.allow_insecure_upstreams());
    assert_eq!(settings.data.dir, PathBuf::from("2026"), "digits stay a text");

    sources.data_dir = Some(PathBuf::from("line"));
    assert_eq!(settings_of(&sources).data.dir, PathBuf::from("line"));
}

#[test]
fn a_fault_of_the_environment_names_the_variable_and_no_file() {
    let folder = Folder::with("[limits]\nreaders = 3\n");
    let faults = faults_of(&folder.sources_and(&[
        ("FRONTDESK_LIMITS__READERS", "0"),
        ("FRONTDESK_LIMITS__READ_QUEU", "5"),
        ("FRONTDESK_LIMITS__", "5"),
        ("FRONTDESK_LUMITS__READERS", "5"),
        ("FRONTDESK_RETENTION", "5"),
        ("FRONTDESK_HOME", "x"),
        ("FRONTDESK_CONFIG", "x"),
        ("FRONTDESK_DATA_DIR", "x"),
    ]));
    assert_eq!(
        places(&faults),
        [
            (None, "FRONTDESK_HOME"),
            (None, "FRONTDESK_LIMITS__"),
            (None, "FRONTDESK_LIMITS__READERS"),
            (None, "FRONTDESK_LIMITS__READ_QUEU"),
            (None, "FRONTDESK_LUMITS__READERS"),
            (None, "FRONTDESK_RETENTION"),
        ]
    );
    assert!(faults.iter().all(|fault| fault.file.is_none()));
    assert!(faults[4].message.contains("did you mean limits?"));
}
