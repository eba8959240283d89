from accounts.models.account import Account, AccountMember, AccountQuerySet, AccountType
from accounts.models.contact import Contact, ContactEmail, ContactPhone, ContactQuerySet
from accounts.models.origin import Campaign, LeadSource

__all__ = [
    "Account",
    "AccountMember",
    "AccountQuerySet",
    "AccountType",
    "Campaign",
    "Contact",
    "ContactEmail",
    "ContactPhone",
    "ContactQuerySet",
    "LeadSource",
]
