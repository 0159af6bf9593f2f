use super::section::section;

section! {
    /// Telling other programs what happens, by outgoing webhooks that admins make: see
    /// `docs/programs.md`. Without any the server connects to nobody for them.
    struct Webhooks = "webhooks";

    /// Machines inside that webhooks may lead to, by name or number as in the webhook's address, such
    /// as `localhost` or `10.0.0.7`; to them also without TLS. All others have to be on the internet
    /// and be reached by https, so that no address leads into the server's own network by mistake.
    inside_hosts: Vec<String> = Vec::new();
}
