//! What only PostgreSQL needs, looked at from inside.
