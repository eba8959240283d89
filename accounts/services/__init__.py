from accounts.services.accounts import (
    AccountInUse,
    add_account_member,
    assign_account,
    create_account,
    delete_account,
    fill_account,
    insert_account,
    remove_account_member,
    update_account,
)
from accounts.services.bulk import Result, assign_many
from accounts.services.contacts import (
    ContactInUse,
    ContactIsConverted,
    assign_contact,
    create_contact,
    delete_contact,
    fill_contact,
    insert_contact,
    update_contact,
)

__all__ = [
    "AccountInUse",
    "ContactInUse",
    "ContactIsConverted",
    "Result",
    "add_account_member",
    "assign_account",
    "assign_contact",
    "assign_many",
    "create_account",
    "create_contact",
    "delete_account",
    "delete_contact",
    "fill_account",
    "fill_contact",
    "insert_account",
    "insert_contact",
    "remove_account_member",
    "update_account",
    "update_contact",
]
