//! Every test by its name, with the others about the same.

contract! { $
    work {
        a_dropped_unit_of_work_changes_nothing
        a_unit_of_work_that_is_dropped_in_the_middle_changes_nothing
        a_unit_of_work_reads_what_it_wrote
        a_store_shows_what_was_committed_before
        events_leave_after_the_commit_in_order_or_never
        events_of_many_writers_follow_their_commits
        units_of_work_take_their_turns
    }
    filters {
        rules_are_added_changed_and_taken_away
        held_messages_are_read_back_listed_and_decided
    }
    mutes {
        a_mute_on_the_server_is_read_with_every_standing
        who_is_muted_is_listed_while_it_lasts
    }
    users {
        a_user_is_found_by_id_code_address_and_name
        an_unknown_user_is_nobody
        users_are_numbered_without_gaps
        a_taken_username_does_not_use_up_a_number
        a_taken_address_does_not_use_up_a_number
        an_address_that_is_not_given_is_never_taken
        a_changed_user_is_read_back
        a_taken_address_is_refused_when_a_user_changes
        a_deleted_user_does_not_sign_in
        a_changed_password_replaces_the_old_one
        last_seen_never_moves_back
        many_users_are_read_at_once
        admins_are_counted_while_they_are_active
        a_recovery_code_is_its_owners_and_works_once
        a_password_is_read_while_its_user_is_active
        a_temporary_password_is_one_until_it_is_replaced
    }
    mail {
        an_email_is_taken_when_it_is_due_and_by_one
        an_email_is_postponed_and_taken_away
        an_address_is_proved_by_the_last_link_and_once
    }
    totp {
        a_second_factor_is_read_back_replaced_and_taken_away
        what_admins_need_is_set
    }
    invites {
        an_invitation_is_found_by_its_token_as_it_was_made
        invitations_are_listed_newest_first_page_by_page
        the_uses_of_an_invitation_are_counted_and_told
        an_invitation_is_taken_back_once
    }
    user_lists {
        people_are_listed_by_username_page_by_page
        a_page_that_just_fits_is_the_last_one
        a_list_of_people_keeps_to_its_filter
        a_search_for_people_takes_signs_literally
        a_search_for_people_knows_no_case
    }
    sessions {
        a_session_is_found_by_id_and_by_its_secret
        sessions_are_listed_newest_first
        a_cookie_belongs_to_one_session
        sessions_are_touched_and_never_back
        ended_sessions_take_their_refresh_tokens_along
        a_refresh_token_keeps_its_successor
        a_refresh_token_is_issued_once
        sessions_that_ended_are_told_from_those_that_live
        sessions_that_are_over_are_deleted_and_no_others
        a_renewed_session_has_another_cookie_and_no_old_refresh_token
    }
    outgoing_webhooks {
        an_outgoing_webhook_is_read_back_and_changed
        a_webhook_tells_of_its_groups_from_when_they_were_chosen
        a_webhook_is_due_while_something_waits_and_taken_by_one
        what_a_webhook_sent_is_listed_and_forgotten
        a_webhook_ends_with_its_bot_and_leaves_groups_that_are_gone
    }
    api_tokens {
        a_token_is_a_session_that_may_do_what_it_was_made_for
        tokens_are_listed_newest_first_page_by_page
        a_token_goes_with_its_session
        an_incoming_webhook_is_a_session_that_posts_to_its_group
    }
    conversations {
        a_new_conversation_has_an_empty_log
        two_people_have_one_direct_conversation
        places_are_taken_in_order_in_many_logs_at_once
        places_in_a_log_are_dense_and_follow_the_commits
        heads_leave_out_what_does_not_exist
        a_standing_tells_role_group_and_end_of_the_log
        standings_leave_out_what_does_not_exist
        one_who_is_in_already_stays_as_they_are
        the_number_of_members_follows_joins_and_leaves
        a_dropped_join_is_not_counted
        those_who_joined_lately_are_told_the_latest_first
    }
    cursors {
        cursors_move_forward_and_say_so
        cursors_never_move_back_or_beyond_the_log
        what_is_read_has_been_delivered
        moves_of_strangers_are_left_out
        the_farthest_of_several_moves_counts
        the_peer_of_a_moved_cursor_is_the_other_person
        cursors_hold_under_any_order_of_three_devices
    }
    changes {
        what_was_done_with_a_message_is_read_back
        reactions_come_in_the_order_they_were_made_in
        pinned_messages_come_in_pages_the_latest_first
        earlier_texts_are_kept_until_they_are_let_go_of
        a_deleted_message_does_not_count_as_unread
    }
    erasures {
        an_erasure_is_kept_with_how_far_it_is_until_it_is_done
        messages_to_be_erased_are_found_by_author_place_and_time
        an_erased_message_has_lost_all_that_hung_on_it
        what_many_at_once_leave_in_the_index_is_taken_out_too
        the_logs_that_somebody_may_have_written_in_are_gone_through
        a_group_passes_to_moderators_first_and_then_to_who_came_first
        a_closed_account_leaves_a_shell_and_frees_its_names
    }
    reports {
        a_report_is_read_back_and_outlives_what_it_is_about
        reports_are_listed_by_what_became_of_them
        one_has_one_open_report_about_a_message
    }
    retention {
        what_was_set_for_a_conversation_and_how_far_it_was_kept_to_is_read_back
        a_conversation_is_due_when_something_is_as_old_as_it_is_kept
        what_is_in_a_frozen_or_deleted_group_is_not_due
        places_of_a_log_are_told_with_their_age
    }
    threads {
        a_message_in_a_thread_is_read_back_and_counted_where_it_belongs
        a_message_in_a_thread_is_not_in_the_conversation_unless_it_is_shown_there
        a_thread_is_unread_for_those_who_follow_it
        who_is_mentioned_in_a_thread_follows_it_unless_they_said_no
        a_deleted_answer_is_not_counted
        threads_are_listed_with_something_unread_first
        one_who_left_sees_no_thread
    }
    drafts {
        a_draft_is_read_back_and_replaced_by_the_next_one
        drafts_are_listed_page_by_page_and_go_with_the_membership
    }
    scheduled {
        a_scheduled_message_is_read_back_changed_and_deleted
        messages_are_due_at_their_time_and_not_once_refused
    }
    personal {
        saved_messages_are_listed_for_those_who_may_still_see_them
        a_forwarded_message_tells_its_source_only_while_that_is_public
        a_read_cursor_is_set_back
    }
    messages {
        an_entry_of_every_kind_is_read_back
        a_message_of_any_text_is_read_back
        a_client_id_is_used_once_by_its_author
        a_message_id_is_used_once
        a_place_is_used_once
        posted_messages_are_found_by_author_and_client_id
        places_leave_out_what_does_not_exist
        many_entries_are_appended_at_once
        a_log_is_erased_from_its_beginning_and_never_its_newest_entry
    }
    log {
        the_newest_entries_come_oldest_first
        entries_before_a_place_are_the_nearest
        entries_after_a_place_are_the_nearest
        entries_around_a_place_lie_on_both_sides
        entries_around_the_ends_are_those_that_exist
        an_empty_log_has_an_empty_page
        a_log_that_does_not_exist_is_none
        a_stranger_reads_nothing
        a_removed_member_reads_nothing
        entries_up_to_the_floor_are_not_shown
        a_page_knows_whether_there_is_more
        a_page_carries_the_readers_standing
        the_server_reads_entries_after_a_place
    }
    views {
        a_group_is_seen_with_its_name_and_members
        a_direct_conversation_is_seen_with_its_peer
        notes_to_oneself_have_oneself_as_peer
        conversations_are_listed_by_latest_activity
        conversations_are_paged_without_gaps_or_repeats
        a_stranger_sees_no_conversation
        unread_counts_messages_by_others_behind_the_cursor
        unread_begins_above_the_floor
        the_last_message_is_the_newest_that_may_be_seen
    }
    groups {
        a_group_is_read_back_and_changed
        a_group_without_its_conversation_is_refused
        public_groups_are_listed_by_name_page_by_page
        private_groups_are_not_listed
        archived_groups_are_listed_apart
        a_listing_tells_whether_one_is_in
        a_search_for_groups_takes_signs_literally_and_knows_no_case
        members_are_listed_by_username_page_by_page
        a_member_is_found_with_their_role
        members_are_counted_by_role
        a_member_has_the_role_they_were_given_last
        in_slow_mode_a_standing_tells_when_one_posted_last
        a_mute_is_kept_while_one_is_away_and_until_it_is_lifted
        a_deleted_group_is_found_by_nobody_but_the_housekeeping
        links_lead_to_their_group_and_are_counted
    }
    managed_groups {
        admins_see_every_group_but_deleted_ones_with_who_owns_it_and_how_much_is_written
        groups_are_listed_for_admins_by_what_is_asked_for
        groups_are_listed_for_admins_in_every_order_page_by_page
    }
    overview {
        messages_are_counted_once_on_the_day_they_were_posted
        of_two_who_count_the_same_one_is_refused
        a_log_that_is_gone_is_not_counted_and_holds_nobody_up
        people_are_counted_by_what_they_are_and_on_the_day_they_came
        sessions_are_counted_by_what_they_are_while_they_are_good
        what_is_stored_and_what_waits_is_counted
    }
    bans {
        a_ban_is_listed_until_it_is_lifted
        a_server_ban_is_not_a_groups_ban
        the_latest_end_of_a_ban_counts
        a_ban_for_good_never_ends
        a_lifted_ban_keeps_nobody_out
        a_ban_from_one_group_leaves_the_others_alone
        bans_of_a_group_are_listed_apart
        bans_of_the_server_are_listed_the_latest_first
        a_ban_by_whoever_operates_the_machine_is_nobodys
    }
    audit {
        what_was_done_is_read_back
        what_was_done_is_listed_by_who_whom_what_and_when
    }
    accounts {
        accounts_are_listed_by_what_is_asked_for
        accounts_are_listed_in_every_order_page_by_page
        an_admin_whom_a_ban_keeps_out_does_not_act
    }
    pictures {
        a_picture_is_read_back_in_its_sizes_until_it_is_let_go_of
        a_picture_that_somebody_has_is_not_let_go_of
        a_status_and_a_time_zone_are_read_back
    }
    files {
        a_file_is_read_back_with_all_that_is_known_of_it
        the_same_bytes_are_kept_once_and_counted_for_each_file
        a_file_is_freed_when_nothing_has_used_it_for_long_enough
        a_file_stays_as_long_as_any_message_has_it
        bytes_are_let_go_of_with_the_last_file_that_has_them
        lost_bytes_are_replaced_for_all_files_that_have_them
        a_few_files_are_freed_at_once_the_longest_unused_first
        what_a_closed_account_did_not_send_is_freed
    }
    posters {
        what_is_told_of_a_film_is_its_own_and_not_of_its_bytes
        a_poster_is_the_films_own_and_counts_for_its_owner
        t29_a_poster_goes_with_the_last_film_that_has_it
        a_poster_that_is_a_picture_of_somebody_stays_as_long_as_one_of_both
    }
    uploads {
        an_upload_is_read_back_with_its_parts_in_order
        a_finished_upload_knows_its_file_and_its_parts_are_let_go_of
        an_upload_that_is_let_go_of_leaves_no_part
        what_has_expired_goes_a_few_at_once_the_oldest_first
        uploads_of_a_closed_account_are_let_go_of
        of_two_who_finish_an_upload_at_once_both_know_one_file
        an_upload_that_goes_on_while_it_expires_is_whole_or_gone
    }
    files_of_messages {
        messages_are_read_with_their_files_in_order_in_every_way
        a_file_is_in_sight_of_those_who_may_read_a_message_with_it
        a_deleted_message_has_no_files
        files_of_erased_messages_and_logs_are_freed
    }
    privacy {
        a_viewer_is_told_of_blocks_from_both_sides
        a_standing_in_a_direct_conversation_tells_of_a_block
        cursors_are_kept_from_each_other_when_one_hides_them
        it_is_known_who_has_read_a_message_and_when_they_came_to_it
        of_what_lies_far_back_it_is_known_who_and_no_longer_when
    }
    notifications {
        whom_a_message_mentions_is_read_back
        unread_mentions_are_counted_exactly
        how_a_conversation_is_treated_is_read_back
        listeners_are_active_members_with_what_they_want
        notifications_come_the_latest_first_page_by_page
        one_is_told_once_and_of_reactions_anew
        what_a_blocked_person_does_is_not_told
        what_one_may_not_read_any_more_is_not_told
        what_was_read_in_its_conversation_is_no_news
        the_oldest_notifications_go
        what_one_wants_to_be_told_is_read_back
        one_who_is_nobody_was_told_nothing
    }
    oidc {
        an_identity_is_one_accounts_and_each_has_one_of_a_provider
        a_closed_account_leaves_its_identity_to_nobody
        a_browser_comes_back_once_and_in_time
        a_browser_that_left_from_a_session_does_not_outlive_it
    }
    push {
        a_subscription_is_read_back_with_what_its_owner_wants
        a_subscription_goes_with_its_session
        an_address_is_one_sessions_and_the_oldest_subscriptions_go
        messages_are_pushed_to_those_who_hear_of_every_message
        only_those_who_can_be_told_and_may_read_are_in_the_audience
    }
    nodes {
        nodes_are_listed_by_name_with_what_they_said_last
        a_node_that_goes_takes_its_people_along
        only_silent_nodes_are_forgotten
        who_is_present_elsewhere_follows_the_changes
    }
    search_queries {
        queries_find_what_they_say
    }
    search {
        what_is_indexed_as_it_is_written_is_found_like_what_was_there_before
        names_and_places_that_there_are_not_are_told
        hits_come_in_pages_the_newest_first
        only_what_one_may_read_is_found
        one_who_is_banned_from_a_group_finds_nothing_in_it
        a_changed_message_is_found_as_it_is_now
        what_was_there_before_the_index_is_brought_in_by_one_at_a_time
        somebody_in_few_of_many_conversations_finds_all_of_theirs
    }
    server {
        a_store_answers
        a_store_knows_what_time_it_is
        the_epoch_stays_the_same
        ids_that_the_store_makes_differ
        the_lobby_is_there_from_the_start
        there_is_one_lobby
        during_maintenance_nothing_begins_and_everything_is_read
        the_first_signing_key_stays
        who_may_register_is_what_was_chosen_last
    }
    file_lists {
        files_of_a_conversation_are_listed_the_newest_first_and_by_kind
        files_of_a_conversation_are_listed_for_those_who_see_their_messages
        own_files_are_listed_by_time_and_size_with_where_they_are_used
        a_file_that_is_removed_is_hidden_at_once_and_goes_with_its_last_message
        storage_is_told_in_all_and_by_user_and_group
    }
    file_races {
        a_file_that_is_posted_while_it_is_freed_is_whole_or_gone
        bytes_that_are_uploaded_again_while_they_are_freed_are_whole_or_gone
        of_the_last_messages_of_a_file_that_are_deleted_at_once_none_keeps_it
    }
    races {
        of_many_who_set_up_at_once_one_becomes_the_admin
        of_many_with_one_invitation_one_gets_an_account
        of_two_owners_who_leave_at_once_one_stays
        a_group_is_never_fuller_than_it_may_be
        one_who_joins_and_leaves_many_times_at_once_does_it_once
        nobody_posts_behind_their_removal
        batches_over_the_same_logs_do_not_stop_each_other
        a_message_that_reaches_many_nodes_at_once_is_posted_once
        a_refresh_token_that_is_used_many_times_at_once_has_one_successor
        two_changes_of_a_profile_at_once_are_both_kept
        a_direct_conversation_is_opened_once_from_both_sides
        cursors_that_many_nodes_move_at_once_end_at_the_farthest
    }
}
