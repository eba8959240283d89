"""The addresses of the lead screens."""

from django.urls import path

from leads.views import (
    bulk,
    changes,
    claims,
    evidence,
    listing,
    qualification,
    records,
    seen_before,
    work,
)

app_name = "leads"
urlpatterns = [
    path("leads/", listing.lead_list, name="list"),
    path("leads/filter/", listing.lead_filter, name="filter"),
    path("leads/bulk/", bulk.lead_bulk, name="bulk"),
    path("leads/new/", records.lead_create, name="create"),
    path("leads/similar/", seen_before.lead_similar, name="similar"),
    path("leads/<int:pk>/", records.lead_detail, name="detail"),
    path("leads/<int:pk>/preview/", listing.lead_preview, name="preview"),
    path("leads/<int:pk>/edit/", records.lead_edit, name="edit"),
    path("leads/<int:pk>/known/", seen_before.lead_known, name="known"),
    path("leads/<int:pk>/related/", records.lead_related, name="related"),
    path("leads/<int:pk>/status/", changes.lead_status, name="status"),
    path("leads/<int:pk>/assign/", changes.lead_assign, name="assign"),
    path("leads/<int:pk>/next-step/", changes.lead_next_step, name="next_step"),
    path("leads/<int:pk>/delete/", records.lead_delete, name="delete"),
    path(
        "leads/<int:pk>/answers/<int:criterion_pk>/",
        qualification.lead_answer,
        name="answer",
    ),
    path(
        "leads/<int:pk>/evidence/<int:activity_pk>/",
        evidence.lead_evidence,
        name="evidence",
    ),
    path(
        "opportunities/<int:pk>/answers/",
        qualification.opportunity_answers,
        name="opportunity_answers",
    ),
    path(
        "opportunities/<int:pk>/answers/<int:criterion_pk>/",
        qualification.opportunity_answer,
        name="opportunity_answer",
    ),
    path(
        "opportunities/<int:pk>/evidence/<int:activity_pk>/",
        evidence.opportunity_evidence,
        name="opportunity_evidence",
    ),
    path("queue/", work.queue, name="queue"),
    path("queue/take/", work.queue_take, name="take_next"),
    path("queue/claim/", claims.queue_claim, name="claim"),
    path("queue/release/", claims.queue_release, name="release"),
]
