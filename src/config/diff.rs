//! What of another configuration counts at once, and what only from the next start on.
//!
//! Never says what changed to what: a value may be a secret.

use super::{Limits, Settings};

impl Settings {
    /// Puts back what only counts at the start as `running` has it. Returns the keys of those that
    /// differ, in the order of the example.
    pub fn keep_what_counts_at_start(&mut self, running: &Self) -> Vec<&'static str> {
        let mut later = Vec::new();
        if self.server.listen != running.server.listen {
            self.server.listen.clone_from(&running.server.listen);
            later.push("server.listen");
        }
        if self.data != running.data {
            self.data.clone_from(&running.data);
            later.push("data.dir");
        }
        if self.log.format != running.log.format {
            self.log.format = running.log.format;
            later.push("log.format");
        }
        later.extend(Limits::keep_what_counts_at_start(&mut self.limits, &running.limits));
        later
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::config::load_tests::{Folder, settings_of};

    fn settings(text: &str) -> Settings {
        settings_of(&Folder::with(text).sources())
    }

    #[test]
    fn what_counts_at_the_start_stays_and_the_rest_is_taken_over() {
        let running = settings("");
        let mut new = settings(
            "[server]\nlisten = \"127.0.0.1:9\"\npublic_url = \"https://desk.example.com\"\n\
             [data]\ndir = \"elsewhere\"\n[log]\nformat = \"json\"\nlevel = \"debug\"\n\
             [limits]\nreaders = 7\nwrite_batch = 3\nhold_minutes = 9\navailability_cache = false\n",
        );
        let later = new.keep_what_counts_at_start(&running);
        let wanted =
            ["server.listen", "data.dir", "log.format", "limits.write_batch", "limits.readers"];
        assert_eq!(later, wanted);
        assert_eq!(new.server.listen, running.server.listen);
        assert_eq!(new.data, running.data);
        assert_eq!(new.limits.readers(), running.limits.readers());
        assert_eq!(new.server.public_url.as_deref(), Some("https://desk.example.com"));
        assert_eq!(new.log.level, crate::config::Level::Debug);
        assert!(!new.limits.availability_cache());
        assert_eq!(new.limits.hold().as_mins(), 9);
        assert!(new.keep_what_counts_at_start(&running).is_empty(), "nothing differs any more");
    }
}
