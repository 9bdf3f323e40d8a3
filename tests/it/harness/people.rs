//! Users of a server under test: added, with a password, and logged in.
//!
//! Never reads a password back.

use frontdesk::app::passwords::Chosen;
use frontdesk::app::people::Link;
use frontdesk::app::signing_in::{Client, LogIn, SessionKind};
use frontdesk::domain::access::{BusinessId, Role, Standing};
use frontdesk::domain::ids::UserId;
use frontdesk::store::{Lane, StoreError, users};
use jiff::SignedDuration;

use super::Server;

/// The password of every user here.
pub const PASSWORD: &str = "seven lanterns under a bridge";

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their access token.
    pub access: String,
    /// Their refresh token.
    pub refresh: String,
}

impl LoggedIn {
    /// The value of an `Authorization` header.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.access)
    }
}

impl Server {
    /// An operator who is logged in.
    pub async fn operator(&self) -> LoggedIn {
        let token = self.app().add_user("op@example.com", true).await.expect("added");
        self.chosen("op@example.com", token).await
    }

    /// Somebody of a business who is logged in; afterwards their membership is as wanted.
    pub async fn member(&self, business: BusinessId, role: Role, standing: Standing) -> LoggedIn {
        let n = self.number("SELECT count(*) FROM users");
        let email = format!("{}-{n}@example.com", role.word());
        let invited =
            self.app().invite(business, (&email, role, Link::Handed), None).await.expect("asked");
        let one = self.chosen(&email, invited.link.expect("they are new")).await;
        let id = one.id;
        let set = self.app().store.write(Lane::Urgent, move |write| {
            users::set_role(write, business, (id, role, standing))
        });
        let set: Result<bool, StoreError> = set.await;
        assert!(set.expect("kept"), "the membership is there");
        one
    }

    /// Chooses a password by a link and logs in.
    async fn chosen(&self, email: &str, token: String) -> LoggedIn {
        // Neither is what is tried here, so neither is to be used up.
        self.advance(SignedDuration::from_mins(1));
        let (email, name) = (email.to_owned(), String::new());
        let chosen = Chosen { token, email: None, name, password: PASSWORD.to_owned() };
        self.app().register(chosen, &Client::default()).await.expect("registered");
        self.logged_in(&email).await
    }

    /// Logs somebody in.
    pub async fn logged_in(&self, email: &str) -> LoggedIn {
        let wish = LogIn {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            code: None,
            kind: SessionKind::Api,
        };
        let begun = self.app().log_in(wish, &Client::default()).await.expect("logged in");
        let access = begun.access.expect("tokens were asked for");
        LoggedIn { id: begun.user, email: email.to_owned(), access, refresh: begun.secret }
    }
}
