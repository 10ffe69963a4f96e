//! What acts are called: the middle of a sentence that begins with who did it and ends with what it was done to.

/// Every act, by its name in the trail, with words for it. A test compares them with the acts that there are.
const ACTS: [(&str, &str); 51] = [
    ("area.added", "added the area"),
    ("area_group.added", "named the group of areas"),
    ("assessment.reopened", "reopened an assessment of"),
    ("assessment.started", "began to assess"),
    ("assessment.submitted", "submitted an assessment of"),
    ("assessor.areas_set", "set what is covered by"),
    ("assignment.accepted", "accepted, without a conflict of interest,"),
    ("assignment.declined", "declined"),
    ("assignment.released", "took an assignment back on"),
    ("bid.created", "began"),
    ("bid.eligibility_decided", "decided the eligibility of"),
    ("bid.moderated", "moderated a score of"),
    ("bid.revised", "changed the draft of"),
    ("bid.submitted", "submitted"),
    ("bid.withdrawn", "withdrew"),
    ("client.created", "made the API client"),
    ("client.revoked", "revoked an API client"),
    ("email.resent", "sent again"),
    ("fund.created", "made the fund"),
    ("fund.updated", "changed the fund"),
    ("interest.declared", "declared an interest of"),
    ("interest.overridden", "overrode an interest of"),
    ("organisation.renamed", "renamed the organisation"),
    ("outcome.award_ended", "ended the award of"),
    ("outcome.corrected", "corrected the outcome of"),
    ("outcome.promoted", "promoted from the reserve list"),
    ("round.assessment_started", "started the assessment of"),
    ("round.assessors_reminded", "reminded the assessors of"),
    ("round.assessors_set", "set the assessors of"),
    ("round.cancelled", "cancelled"),
    ("round.closed", "closed"),
    ("round.copied", "made, as a copy of an earlier round,"),
    ("round.created", "made the round"),
    ("round.extended", "extended the deadline of"),
    ("round.opened", "opened"),
    ("round.opening_refused", "did not open, because it was not complete,"),
    ("round.routing_repaired", "repaired the routing of"),
    ("round.updated", "changed the draft of"),
    ("ruling.made", "ruled in"),
    ("ruling.revoked", "revoked a ruling in"),
    ("user.admin_made", "made an administrator of"),
    ("user.changed", "changed the account of"),
    ("user.confirmed", "confirmed the address of"),
    ("user.invited", "invited"),
    ("user.invited_again", "invited again"),
    ("user.password_reset_sent", "sent a link for another password to"),
    ("user.password_set", "chose a password for"),
    ("user.registered", "registered"),
    ("user.sign_in_revoked", "ended a sign-in that was used twice, of"),
    ("user.signed_in", "signed in as"),
    ("user.signed_out", "signed out"),
];

/// An act in words.
#[must_use]
pub fn did(action: &str) -> Option<&'static str> {
    ACTS.iter().find(|(name, _)| *name == action).map(|(_, words)| *words)
}

/// All acts, by name.
pub fn acts() -> impl Iterator<Item = &'static str> {
    ACTS.iter().map(|(name, _)| *name)
}
