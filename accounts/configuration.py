"""The lists of where records come from, as an admin keeps them."""

from django import forms

from accounts.models import Campaign, LeadSource
from crm.configuration import Catalog


class LeadSourceForm(forms.ModelForm):
    class Meta:
        model = LeadSource
        fields = ("name",)


class CampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = ("name",)


SOURCES = Catalog(
    key="sources",
    model=LeadSource,
    title="Lead sources",
    noun="lead source",
    description="How somebody came to you: web form, event, cold call. Every lead has one.",
    icon="waypoints",
    form=LeadSourceForm,
    keeps_one=True,
    keywords="origin channel",
)

CAMPAIGNS = Catalog(
    key="campaigns",
    model=Campaign,
    title="Campaigns",
    noun="campaign",
    description="Marketing efforts that leads and opportunities are counted for.",
    icon="megaphone",
    form=CampaignForm,
    keywords="marketing",
)
