"""The addresses of accounts and contacts."""

from django.urls import path

from accounts.views import bulk, changes, details, listing, options, records
from accounts.views.kinds import ACCOUNT, CONTACT

app_name = "accounts"
account, contact = {"kind": ACCOUNT}, {"kind": CONTACT}

urlpatterns = [
    path("accounts/", listing.record_list, account, name="list"),
    path("accounts/filter/", listing.record_filter, account, name="filter"),
    path("accounts/bulk/", bulk.record_bulk, account, name="bulk"),
    path("accounts/options/", options.account_options, name="options"),
    path("accounts/new/", records.record_create, account, name="create"),
    path("accounts/similar/", records.record_similar, account, name="similar"),
    path("accounts/<int:pk>/", details.account_detail, name="detail"),
    path("accounts/<int:pk>/edit/", records.record_edit, account, name="edit"),
    path("accounts/<int:pk>/assign/", changes.record_assign, account, name="assign"),
    path("accounts/<int:pk>/delete/", changes.record_delete, account, name="delete"),
    path("accounts/<int:pk>/team/", changes.member_add, name="member_add"),
    path(
        "accounts/<int:pk>/team/<int:member_pk>/remove/",
        changes.member_remove,
        name="member_remove",
    ),
    path("contacts/", listing.record_list, contact, name="contacts"),
    path("contacts/filter/", listing.record_filter, contact, name="contact_filter"),
    path("contacts/bulk/", bulk.record_bulk, contact, name="contact_bulk"),
    path("contacts/options/", options.contact_options, name="contact_options"),
    path("contacts/new/", records.record_create, contact, name="contact_create"),
    path("contacts/similar/", records.record_similar, contact, name="contact_similar"),
    path("contacts/<int:pk>/", details.contact_detail, name="contact"),
    path("contacts/<int:pk>/edit/", records.record_edit, contact, name="contact_edit"),
    path("contacts/<int:pk>/assign/", changes.record_assign, contact, name="contact_assign"),
    path("contacts/<int:pk>/delete/", changes.record_delete, contact, name="contact_delete"),
]
