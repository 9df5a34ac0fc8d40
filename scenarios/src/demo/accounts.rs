//! The accounts people may try the demo with: made as an operator makes them, with passwords that are new each
//! time and known to nobody else.

use directory_server::operations::Directory;
use directory_server::people::{Password, SignInName};
use jiff::SignedDuration;
use referral_core::policy::{Role, Scope, Viewer};
use referral_runtime::tls::random;

/// An account of the demo.
pub(super) struct Account {
    /// What to sign in with.
    pub(super) name: &'static str,
    /// Its password.
    pub(super) password: String,
}

/// The accounts, and a token of the caseworker.
pub(super) struct Accounts {
    pub(super) accounts: Vec<Account>,
    pub(super) token: String,
}

const ROLES: [(&str, Role); 3] = [
    ("caseworker", Role::Caseworker),
    ("specialist", Role::Specialist),
    ("operator", Role::Operator),
];

/// Makes the accounts.
pub(super) async fn make(directory: &Directory) -> anyhow::Result<Accounts> {
    let operator = Viewer::at_the_machine();
    let (mut accounts, mut token) = (Vec::new(), String::new());
    for (name, role) in ROLES {
        let sign_in = SignInName::parse(name)?;
        let invited = directory.invite_person(&operator, sign_in, role, None);
        let (id, invitation) = invited.await?;
        let password = password()?;
        let new = Password::new(&password, name)?;
        directory
            .accept_invitation(&invitation.reveal(), new)
            .await?;
        if role == Role::Caseworker {
            let day = SignedDuration::from_hours(24);
            let made = directory.make_token(&operator, &id, &[Scope::Search], day);
            token = made.await?.1.reveal();
        }
        accounts.push(Account { name, password });
    }
    Ok(Accounts { accounts, token })
}

/// A password of 80 random bits that can be typed.
fn password() -> anyhow::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: [u8; 16] = random()?;
    let letters = random.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups = letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    Ok(groups.collect::<Vec<_>>().join("-"))
}
