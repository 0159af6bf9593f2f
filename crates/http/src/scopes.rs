//! What programs may ask for with an API token.

use parlor_domain::{Grant, Scope};
use poem::http::{Method, StatusCode};

use crate::problem::Problem;

/// The parts of one's own account that a program may look at and change. Everything else there, and
/// whatever is added later, is for the person: what proves who they are, where they are signed in.
const FOR_PROGRAMS: [&str; 3] = ["blocks", "picture", "status"];

/// Lets a request on if its session may be used for it.
pub fn check(grant: &Grant, method: &Method, path: &str) -> Result<(), Problem> {
    if !grant.is_token() {
        return Ok(());
    }
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    if is_personal(method, path) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "token_not_allowed",
            "Programs with an API token may not do this; sign in yourself.",
        ));
    }
    let needed = if *method == Method::GET { Scope::Read } else { Scope::Write };
    let also = path.starts_with("/admin/").then_some(Scope::Admin);
    match [Some(needed), also].into_iter().flatten().find(|scope| !grant.allows(*scope)) {
        Some(missing) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "scope_required",
            format!("This API token does not have the scope `{}`; make one that has.", missing.word()),
        )),
        None => Ok(()),
    }
}

fn is_personal(method: &Method, path: &str) -> bool {
    if let Some(own) = path.strip_prefix("/users/me") {
        return match own.trim_matches('/').split('/').next().unwrap_or_default() {
            "" => method != Method::GET,
            part => !FOR_PROGRAMS.contains(&part),
        };
    }
    path.starts_with("/auth/") || path.starts_with("/notifications/push")
}

#[cfg(test)]
mod tests {
    use parlor_domain::Scopes;

    use super::*;

    fn is_let_on(scopes: &[Scope], method: &Method, path: &str) -> bool {
        let grant = Grant::Token { scopes: Scopes::of(scopes), expires_at: None };
        check(&grant, method, path).is_ok()
    }

    #[test]
    fn reading_and_writing_are_scopes_of_their_own() {
        for (method, path) in [(Method::GET, "/api/v1/groups"), (Method::GET, "/api/v1/users/me")] {
            assert!(is_let_on(&[Scope::Read], &method, path));
            assert!(!is_let_on(&[Scope::Write, Scope::Admin], &method, path));
        }
        assert!(!is_let_on(&[Scope::Read], &Method::POST, "/api/v1/files"));
        assert!(is_let_on(&[Scope::Write], &Method::POST, "/api/v1/groups"));
        assert!(!is_let_on(&[Scope::Read, Scope::Admin], &Method::PUT, "/api/v1/users/me/status"));
    }

    #[test]
    fn looking_after_the_server_needs_its_scope_as_well() {
        assert!(is_let_on(&[Scope::Read, Scope::Admin], &Method::GET, "/api/v1/admin/users"));
        assert!(!is_let_on(&[Scope::Read], &Method::GET, "/api/v1/admin/users"));
        assert!(!is_let_on(&[Scope::Read, Scope::Admin], &Method::POST, "/api/v1/admin/users"));
    }

    #[test]
    fn who_somebody_is_stays_theirs() {
        let (all, get) = (&Scope::ALL, &Method::GET);
        for path in ["password", "sessions", "tokens/1", "recovery-codes", "whatever-comes-later"] {
            assert!(!is_let_on(all, get, &format!("/api/v1/users/me/{path}")), "{path}");
            assert!(check(&Grant::Everything, get, &format!("/api/v1/users/me/{path}")).is_ok());
        }
        assert!(!is_let_on(all, &Method::PATCH, "/api/v1/users/me"));
        assert!(!is_let_on(all, &Method::POST, "/api/v1/auth/logout"));
        assert!(is_let_on(all, get, "/api/v1/users/me/blocks"));
    }
}
