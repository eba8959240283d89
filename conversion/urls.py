"""Addresses of the handoff, of the conversion screen, and of receipts."""

from django.urls import path

from conversion.views import convert, decisions, inbox, lists, receipts, submitting

app_name = "conversion"

urlpatterns = [
    path("approvals/", inbox.approvals, name="approvals"),
    path("approvals/<int:pk>/", inbox.request_detail, name="request"),
    path("approvals/<int:pk>/decide/", decisions.request_decide, name="decide"),
    path("approvals/<int:pk>/recall/", decisions.request_recall, name="recall"),
    path("approvals/<int:pk>/reassign/", decisions.request_reassign, name="reassign"),
    path("approvals/<int:pk>/dispute/", decisions.request_dispute, name="dispute"),
    path("approvals/<int:pk>/dispute/decide/", decisions.request_judge, name="judge"),
    path("approvals/<int:pk>/resubmit/", submitting.request_resubmit, name="resubmit"),
    path("leads/<int:pk>/request/", submitting.submit, name="submit"),
    path("leads/<int:pk>/convert/", convert.convert, name="convert"),
    path("requests/", lists.request_list, name="requests"),
    path("conversions/", lists.conversion_list, name="conversions"),
    path("conversions/<int:pk>/", receipts.receipt, name="receipt"),
    path(
        "conversions/<int:pk>/opportunity/",
        receipts.receipt_opportunity,
        name="receipt_opportunity",
    ),
    path("conversions/<int:pk>/credit/", receipts.receipt_credit, name="credit"),
    path("conversions/<int:pk>/re-engage/", receipts.receipt_reengage, name="reengage"),
    path("accounts/<int:pk>/conversions/", receipts.of_account, name="of_account"),
    path("contacts/<int:pk>/conversions/", receipts.of_contact, name="of_contact"),
    path("opportunities/<int:pk>/conversions/", receipts.of_opportunity, name="of_opportunity"),
]
