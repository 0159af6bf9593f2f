//! The schema, step by step. A step that was released is never changed.

mod m0001_core;
mod m0002_founding;
mod m0003_signing_key;
mod m0004_nodes;
mod m0005_maintenance;
mod m0006_changes;
mod m0007_group_rules;
mod m0008_search;
mod m0009_notifications;
mod m0010_threads;
mod m0011_saved_and_forwarded;
mod m0012_profiles;
mod m0013_privacy;
mod m0015_group_deletion;
mod m0016_invite_links;
mod m0017_recovery;
mod m0018_drafts;
mod m0019_scheduled;
mod m0020_push;
mod m0021_audit;
mod m0022_registration;
mod m0023_api_tokens;
mod m0024_bots;
mod m0025_invites;
mod m0026_recovery_links;
mod m0030_temporary_passwords;
mod m0031_mail;
mod m0035_erasures;
mod m0036_reports;
mod m0037_totp;
mod m0038_server_mutes;
mod m0039_freezes;
mod m0040_outgoing_webhooks;
mod m0042_oidc;
mod m0044_word_filter;
mod m0045_search_residue;
mod m0046_overview;
mod m0047_files;
mod m0048_uploads;
mod m0049_file_lists;
mod m0050_media;
mod m0051_lost_blobs;
mod m0052_retention;

pub(crate) use m0002_founding::random_uuid;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings a database to the schema that this program needs. Call it inside a transaction.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_core::Step),
            Box::new(m0002_founding::Step),
            Box::new(m0003_signing_key::Step),
            Box::new(m0004_nodes::Step),
            Box::new(m0005_maintenance::Step),
            Box::new(m0006_changes::Step),
            Box::new(m0007_group_rules::Step),
            Box::new(m0008_search::Step),
            Box::new(m0009_notifications::Step),
            Box::new(m0010_threads::Step),
            Box::new(m0011_saved_and_forwarded::Step),
            Box::new(m0012_profiles::Step),
            Box::new(m0013_privacy::Step),
            Box::new(m0015_group_deletion::Step),
            Box::new(m0016_invite_links::Step),
            Box::new(m0017_recovery::Step),
            Box::new(m0018_drafts::Step),
            Box::new(m0019_scheduled::Step),
            Box::new(m0020_push::Step),
            Box::new(m0021_audit::Step),
            Box::new(m0022_registration::Step),
            Box::new(m0023_api_tokens::Step),
            Box::new(m0024_bots::Step),
            Box::new(m0025_invites::Step),
            Box::new(m0026_recovery_links::Step),
            Box::new(m0030_temporary_passwords::Step),
            Box::new(m0031_mail::Step),
            Box::new(m0035_erasures::Step),
            Box::new(m0036_reports::Step),
            Box::new(m0037_totp::Step),
            Box::new(m0038_server_mutes::Step),
            Box::new(m0039_freezes::Step),
            Box::new(m0040_outgoing_webhooks::Step),
            Box::new(m0042_oidc::Step),
            Box::new(m0044_word_filter::Step),
            Box::new(m0046_overview::Step),
            Box::new(m0045_search_residue::Step),
            Box::new(m0047_files::Step),
            Box::new(m0048_uploads::Step),
            Box::new(m0049_file_lists::Step),
            Box::new(m0050_media::Step),
            Box::new(m0051_lost_blobs::Step),
            Box::new(m0052_retention::Step),
        ]
    }
}
