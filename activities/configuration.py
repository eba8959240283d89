"""The lists of coded reasons, as an admin keeps them."""

from django import forms

from activities.models import Reason
from crm.configuration import Catalog, Column


class ReasonForm(forms.ModelForm):
    class Meta:
        model = Reason
        fields = ("kind", "label")
        help_texts = {"kind": "Where people choose it."}


REASONS = Catalog(
    key="reasons",
    model=Reason,
    title="Reasons",
    noun="reason",
    description="Why leads are disqualified, requests rejected, and opportunities won, lost or "
    "re-opened: from a list, so that reasons can be counted.",
    icon="message-square-quote",
    form=ReasonForm,
    columns=(Column("For", Reason.get_kind_display),),
    order_within=("kind",),
    sort=("kind",),
    keeps_one=True,
    frozen=("kind",),
    slug=("code", "label"),
    keywords="disqualify reject lost won reopen",
)
