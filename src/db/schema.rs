//! The tables, as both databases have them. A test compares this with each database's own catalogue.

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    organisations (id) {
        id -> Uid,
        name -> Text,
        registered_number -> Text,
        created_at -> Moment,
        version -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    users (id) {
        id -> Uid,
        email -> Text,
        name -> Text,
        role -> Text,
        organisation_id -> Nullable<Uid>,
        password_hash -> Nullable<Text>,
        confirmed_at -> Nullable<Moment>,
        disabled_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    api_clients (id) {
        id -> Uid,
        organisation_id -> Uid,
        name -> Text,
        secret_hash -> Text,
        created_by -> Uid,
        created_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    refresh_tokens (id) {
        id -> Uid,
        family_id -> Uid,
        user_id -> Uid,
        token_hash -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    sessions (id) {
        id -> Uid,
        user_id -> Uid,
        token_hash -> Text,
        created_at -> Moment,
        seen_at -> Moment,
        expires_at -> Moment,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    links (id) {
        id -> Uid,
        user_id -> Nullable<Uid>,
        purpose -> Text,
        token_hash -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    signing_keys (id) {
        id -> Uid,
        secret -> Text,
        created_at -> Moment,
        retired_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    sign_in_failures (id) {
        id -> Uid,
        subject_hash -> Text,
        failed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    idempotency_keys (actor, key) {
        actor -> Text,
        key -> Text,
        request_hash -> Text,
        answer -> Doc,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    areas (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        parent_code -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    area_groups (code) {
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    area_group_members (group_code, area_code) {
        group_code -> Text,
        area_code -> Text,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    funds (id) {
        id -> Uid,
        name -> Text,
        description -> Text,
        currency -> Text,
        areas -> Doc,
        created_at -> Moment,
        version -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    rounds (id) {
        id -> Uid,
        fund_id -> Uid,
        code -> Text,
        name -> Text,
        status -> Text,
        rules -> Doc,
        opens_at -> Nullable<Moment>,
        deadline -> Nullable<Moment>,
        assessments_due_at -> Nullable<Moment>,
        opened_at -> Nullable<Moment>,
        assessing_at -> Nullable<Moment>,
        closed_at -> Nullable<Moment>,
        cancelled_at -> Nullable<Moment>,
        copied_from -> Nullable<Uid>,
        created_at -> Moment,
        version -> Integer,
        draw_sha256 -> Nullable<Text>,
        draw_seed -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    draws (round_id) {
        round_id -> Uid,
        seed -> Text,
        committed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    bids (id) {
        id -> Uid,
        round_id -> Uid,
        organisation_id -> Uid,
        reference -> Text,
        status -> Text,
        title -> Text,
        content -> Doc,
        submitted_number -> Nullable<Integer>,
        submitted_at -> Nullable<Moment>,
        submitted_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Moment>,
        eligibility -> Text,
        eligibility_reason -> Nullable<Text>,
        created_by -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        version -> Integer,
        standing_sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    bid_versions (bid_id, number) {
        bid_id -> Uid,
        number -> Integer,
        content -> Doc,
        content_sha256 -> Text,
        submitted_at -> Moment,
        submitted_by -> Text,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    bid_listings (bid_id, number) {
        bid_id -> Uid,
        number -> Integer,
        round_id -> Uid,
        organisation_id -> Uid,
        reference -> Text,
        title -> Text,
        areas -> Doc,
        amount_requested_pence -> BigInt,
        submitted_at -> Moment,
        organisation_name -> Text,
        themes -> Doc,
        partner_numbers -> Doc,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    assessors (user_id) {
        user_id -> Uid,
        areas -> Doc,
        version -> Integer,
        themes -> Doc,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    round_assessors (round_id, assessor_id) {
        round_id -> Uid,
        assessor_id -> Uid,
        capacity -> Integer,
        minimum -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    interests (id) {
        id -> Uid,
        assessor_id -> Uid,
        severity -> Text,
        registered_number -> Nullable<Text>,
        bid_id -> Nullable<Uid>,
        description -> Text,
        declared_by -> Text,
        declared_at -> Moment,
        overridden_at -> Nullable<Moment>,
        overridden_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    routing_runs (id) {
        id -> Uid,
        round_id -> Uid,
        purpose -> Text,
        cause -> Text,
        solver -> Text,
        input -> Text,
        input_sha256 -> Text,
        result -> Doc,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    assignments (id) {
        id -> Uid,
        round_id -> Uid,
        bid_id -> Uid,
        assessor_id -> Uid,
        run_id -> Uid,
        area_code -> Nullable<Text>,
        status -> Text,
        explanation -> Doc,
        offered_at -> Moment,
        accepted_at -> Nullable<Moment>,
        declined_at -> Nullable<Moment>,
        decline_reason -> Nullable<Text>,
        released_at -> Nullable<Moment>,
        reminded_at -> Nullable<Moment>,
        version -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    assessments (id) {
        id -> Uid,
        assignment_id -> Uid,
        round_id -> Uid,
        bid_id -> Uid,
        assessor_id -> Uid,
        status -> Text,
        content -> Doc,
        created_at -> Moment,
        updated_at -> Moment,
        submitted_at -> Nullable<Moment>,
        submitted_number -> Nullable<Integer>,
        version -> Integer,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    assessment_versions (assessment_id, number) {
        assessment_id -> Uid,
        number -> Integer,
        content -> Doc,
        submitted_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    moderations (id) {
        id -> Uid,
        round_id -> Uid,
        bid_id -> Uid,
        criterion -> Text,
        score -> Integer,
        reason -> Text,
        moderated_by -> Uid,
        moderated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    rulings (id) {
        id -> Uid,
        round_id -> Uid,
        bid_id -> Nullable<Uid>,
        kind -> Text,
        detail -> Doc,
        reason -> Text,
        ruled_by -> Uid,
        ruled_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    outcomes (bid_id) {
        bid_id -> Uid,
        round_id -> Uid,
        outcome -> Text,
        rank -> Nullable<Integer>,
        score_hundredths -> Nullable<BigInt>,
        amount_pence -> BigInt,
        pot -> Nullable<Text>,
        reserve_position -> Nullable<Integer>,
        sentence -> Text,
        conditions -> Nullable<Text>,
        detail -> Doc,
        decided_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    closings (round_id) {
        round_id -> Uid,
        snapshot_sha256 -> Text,
        closed_by -> Uid,
        closed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    snapshot_pieces (round_id, number) {
        round_id -> Uid,
        number -> Integer,
        text -> Text,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    later_acts (id) {
        id -> Uid,
        round_id -> Uid,
        number -> Integer,
        bid_id -> Uid,
        reference -> Text,
        act -> Doc,
        was -> Doc,
        now -> Doc,
        acted_by -> Uid,
        acted_at -> Moment,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    emails (id) {
        id -> Uid,
        kind -> Text,
        recipient -> Text,
        recipient_name -> Text,
        subject -> Text,
        text_body -> Text,
        html_body -> Text,
        message_id -> Text,
        promise -> Text,
        round_id -> Nullable<Uid>,
        bid_id -> Nullable<Uid>,
        status -> Text,
        attempts -> Integer,
        next_attempt_at -> Moment,
        leased_until -> Nullable<Moment>,
        last_error -> Nullable<Text>,
        created_at -> Moment,
        sent_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::types::*;
    use diesel::sql_types::*;

    audit_events (id) {
        id -> Uid,
        at -> Moment,
        actor -> Text,
        role -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        round_id -> Nullable<Uid>,
        detail -> Doc,
        request_id -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organisations,
    users,
    api_clients,
    refresh_tokens,
    sessions,
    links,
    signing_keys,
    sign_in_failures,
    idempotency_keys,
    areas,
    area_groups,
    area_group_members,
    funds,
    rounds,
    bids,
    bid_versions,
    bid_listings,
    assessors,
    round_assessors,
    interests,
    routing_runs,
    assignments,
    assessments,
    assessment_versions,
    moderations,
    rulings,
    outcomes,
    closings,
    snapshot_pieces,
    later_acts,
    draws,
    emails,
    audit_events,
);
