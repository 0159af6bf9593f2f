use super::section::section;

section! {
    /// Telling people's devices of what is new while the page is closed (Web Push). For that the server
    /// connects to the push services of the browsers' makers by https; they get to know when something
    /// is told to which browser, and cannot read what. See `docs/operations/push.md`.
    struct Push = "push";

    /// Whether the server does that. Without it, it connects to the outside only for what these settings
    /// name and for outgoing webhooks.
    enabled: bool = true;

    /// Whom the push services may write to when something is wrong with what they get, such as
    /// `mailto:admin@example.org`. Without one they are told the server's own https address.
    contact: Option<String> = None;

    /// Whether a push service may be on this machine, too, and without TLS. This is for tests: people
    /// who are signed in could then make the server talk to what else runs here.
    allow_local_services: bool = false;
}
