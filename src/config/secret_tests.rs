//! Secrets as a person hands them over: from everywhere they may come, and never seen again.

use super::load_tests::{Folder, account, keys_of, settings_of};
use super::read;

/// A secret that must never be seen in a message.
const CANARY: &str = "canary-4f1d";

#[test]
fn secrets_come_from_the_file_other_files_credentials_and_the_environment() {
    let folder = Folder::with(
        "[voice.a]\nkind = \"retell\"\napi_keys = \"one\"\n\
         [voice.b]\napi_keys = [\"one\", \"credential:two\"]\n",
    );
    folder.put("two", b"second\r\n");
    let mut sources = folder.sources_with_credentials();
    let own = folder.put("own", b"from a file\n\n");
    let text = own.to_str().expect("a temporary path is text").to_owned();
    sources.env.extend([
        ("FRONTDESK_VOICE__C__API_KEYS_FILE".to_owned(), text),
        ("FRONTDESK_VOICE__D__API_KEYS".to_owned(), "123456".to_owned()),
        ("FRONTDESK_VOICE__E__API_KEYS".to_owned(), "['x', 'y']".to_owned()),
    ]);
    let settings = settings_of(&sources);
    let expected: [(&str, &str, &[&str]); 5] = [
        ("a", "retell", &["one"]),
        ("b", "b", &["one", "second"]),
        ("c", "c", &["from a file"]),
        ("d", "d", &["123456"]),
        ("e", "e", &["x", "y"]),
    ];
    for (name, kind, keys) in expected {
        let section = account(&settings, name);
        assert_eq!((section.name(), section.kind()), (name, kind));
        assert_eq!(keys_of(section).expect("the keys are readable"), keys, "{name}");
    }
}

#[test]
fn no_fault_and_no_debug_output_ever_shows_a_value() {
    let wrong = [
        "[voice.retell]\napi_keys = \"CANARY\nkind = 1\n",
        "[voice.retell]\napi_keys = CANARY\n",
        "[voice.retell]\napi_keys = [\"CANARY\", [\"CANARY\"], 5]\nbearer = \"CANARY\"\n",
        "[voice.retell]\nkind = \"CANARY IS NO KIND\"\napi_keys = { a = \"CANARY\" }\n",
        "[voice]\nretell = \"CANARY\"\n",
        "[server]\nlisten = [\"CANARY\"]\npublic_url = \"CANARY\"\n",
        "[log]\nlevel = \"CANARY\"\nformat = [\"CANARY\"]\nsecret = \"CANARY\"\n",
        "[limits]\nreaders = \"CANARY\"\nallow_insecure_upstreams = \"CANARY\"\n",
        "limits = \"CANARY\"\nsecret = \"CANARY\"\n",
        "[data]\ndir = { a = \"CANARY\" }\n",
    ];
    for config in wrong {
        let folder = Folder::with(&config.replace("CANARY", CANARY));
        let sources = folder.sources_and(&[
            ("FRONTDESK_LIMITS__READERS", CANARY),
            ("FRONTDESK_SECRET", CANARY),
            ("FRONTDESK_VOICE__TWO__API_KEY", CANARY),
        ]);
        let (settings, faults) = read(&sources);
        assert!(faults.len() >= 2, "{config}");
        let mut seen = format!("{sources:?} {settings:?} {faults:?}");
        for section in settings.voice.values() {
            let faults = keys_of(section).expect_err("no account here is right");
            seen.push_str(&format!("{faults:?} {section:?} {:?}", section.reader()));
        }
        for fault in &faults {
            seen.push_str(&fault.to_string());
        }
        assert!(!seen.contains(CANARY), "{config}: {seen}");
    }
}
