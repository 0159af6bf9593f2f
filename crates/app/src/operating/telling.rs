//! What came of an order, in words.

use std::fmt::Write;

use serde_json::Value;

use super::{Order, files};

/// The words, with a line break at their end.
pub(super) fn in_words(order: &Order, done: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match order {
        Order::List { .. } => {
            let lines = done.as_array().into_iter().flatten().map(|account| {
                let columns = ["user_code", "username", "role", "standing", "name"];
                columns.map(|column| text(&account[column])).join("\t")
            });
            lines.fold(String::new(), |words, line| words + &line + "\n")
        }
        Order::Create { .. } => {
            let user = &done["user"];
            let role = if user["role"] == "admin" { "an admin" } else { "a user" };
            let mut words = format!(
                "{} is {role}, with the user ID {}.\n",
                text(&user["username"]),
                text(&user["user_code"])
            );
            if let Some(password) = done["password"].as_str() {
                _ = writeln!(words, "Password: {password}");
            }
            words += "Codes for a lost password, each of which works once:\n";
            let codes = done["recovery_codes"].as_array().into_iter().flatten();
            codes.fold(words, |words, code| words + "  " + &text(code) + "\n")
        }
        Order::Role { .. } => {
            format!("{} has the role {} now.\n", text(&done["username"]), text(&done["role"]))
        }
        Order::Block { user, .. } => match done["until"].as_str() {
            Some(until) => format!("{user} is shut out until {until}.\n"),
            None => format!("{user} is shut out for good.\n"),
        },
        Order::Unblock { user } => format!("{user} may sign in again.\n"),
        Order::Sessions { user, end: true } => {
            format!("{user} was signed out in {} places.\n", done["ended"])
        }
        Order::Sessions { .. } => {
            let lines = done.as_array().into_iter().flatten().map(|session| {
                ["last_used_at", "address", "user_agent"].map(|column| text(&session[column])).join("\t")
            });
            lines.fold(String::new(), |words, line| words + &line + "\n")
        }
        Order::TemporaryPassword { user, .. } => {
            let until = text(&done["expires_at"]);
            let mut words = format!("{user} chooses another password at the next sign-in, until {until}.\n");
            if let Some(password) = done["password"].as_str() {
                _ = writeln!(words, "Password: {password}");
            }
            words
        }
        Order::Delete { user, erase: true } => format!(
            "The account {user} is deleted; its {} messages are being erased by the server that runs, or by the next one.\n",
            done["messages"]
        ),
        Order::Delete { user, .. } => {
            format!("The account {user} is deleted; its {} messages stay.\n", done["messages"])
        }
        Order::VerifyFiles { fix } => files::in_words(done, *fix),
        Order::RemoveTwoFactor { user } => format!("{user} signs in with the password alone.\n"),
        Order::ResetLink { user } => format!(
            "Hand this link to {user}; it works once, until {}:\n{}\n",
            text(&done["expires_at"]),
            text(&done["url"])
        ),
        Order::Invite { .. } => {
            let accounts = match (done["email"].as_str(), done["max_uses"].as_u64()) {
                (Some(email), _) => format!("for the account of {email}"),
                (None, Some(1)) => "for one account".to_owned(),
                (None, Some(most)) => format!("for {most} accounts"),
                (None, None) => "for any number of accounts".to_owned(),
            };
            let end = done["expires_at"].as_str().map(|end| format!(", until {end}")).unwrap_or_default();
            let (url, role) = (text(&done["url"]), text(&done["role"]));
            format!("{url}\nIt is shown this once. It is {accounts} with the role {role}{end}.\n")
        }
    }
}
