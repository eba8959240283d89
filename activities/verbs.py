"""
What happened, in words: one phrase for every verb of the event log.

A phrase follows the name of whoever did it. `{it}` is what the verb's noun names, such as
"this lead" or "the lead Dana Whitfield". Apps above this one write their verbs here as text.
"""

PHRASES = {
    "account.assigned": "assigned {it}",
    "account.created": "created {it}",
    "account.deleted": "deleted {it}",
    "account.edited": "changed {it}",
    "account.member_added": "added somebody to the team of {it}",
    "account.member_removed": "took somebody off the team of {it}",
    "activity.completed": "completed {it}",
    "activity.deleted": "deleted {it}",
    "activity.edited": "edited {it}",
    "activity.file_attached": "added a file to {it}",
    "activity.logged": "logged {it}",
    "activity.reminded": "reminded of {it}",
    "activity.reopened": "reopened {it}",
    "contact.assigned": "assigned {it}",
    "contact.created": "created {it}",
    "contact.deleted": "deleted {it}",
    "contact.edited": "changed {it}",
    "conversion.credited": "linked a later opportunity to this conversion for credit",
    "exchange_rate.set": "set an exchange rate",
    "import.assigned": "gave you leads by {it}",
    "import.finished": "finished {it}",
    "import.started": "started {it}",
    "import.undone": "undid {it}",
    "lead.answered": "answered a question about {it}",
    "lead.assigned": "assigned {it}",
    "lead.converted": "converted {it}",
    "lead.created": "created {it}",
    "lead.deleted": "deleted {it}",
    "lead.disqualified": "disqualified {it}",
    "lead.edited": "changed {it}",
    "lead.erased": "erased the personal data of {it}",
    "lead.qualified": "qualified {it}",
    "lead.status_changed": "moved {it} to another status",
    "lead.taken": "took {it} from a queue",
    "opportunity.answered": "answered a question about {it}",
    "opportunity.assigned": "assigned {it}",
    "opportunity.contact_role_removed": "removed a person from {it}",
    "opportunity.contact_role_set": "set the role of a person in {it}",
    "opportunity.created": "created {it}",
    "opportunity.deleted": "deleted {it}",
    "opportunity.edited": "changed {it}",
    "opportunity.lost": "marked {it} as lost",
    "opportunity.products_changed": "changed the products of {it}",
    "opportunity.reopened": "reopened {it}",
    "opportunity.stage_changed": "moved {it} to another stage",
    "opportunity.won": "won {it}",
    "product.created": "added a product",
    "product.deleted": "deleted a product",
    "product.edited": "changed a product",
    "request.approved": "approved {it}",
    "request.delegated": "passed on {it}",
    "request.disputed": "disputed the rejection of {it}",
    "request.escalated": "told those above the approver that {it} is still waiting",
    "request.lapsed": "let {it} lapse: the lead has changed",
    "request.overdue": "noticed that {it} is overdue",
    "request.overturned": "overturned the rejection of {it}",
    "request.reassigned": "gave {it} to another approver",
    "request.recalled": "recalled {it}",
    "request.rejected": "rejected {it}",
    "request.resubmitted": "resubmitted {it}",
    "request.sent_back": "sent back {it}",
    "request.submitted": "submitted {it}",
    "request.upheld": "upheld the rejection of {it}",
    "role.created": "created a role",
    "role.deleted": "deleted a role",
    "role.edited": "changed a role",
    "settings.accepted": "found the settings to suit the company",
    "settings.created": "added to the settings",
    "settings.deleted": "deleted from the settings",
    "settings.edited": "changed the settings",
    "settings.restored": "restored a setting",
    "settings.retired": "retired a setting",
    "team.created": "created a team",
    "team.deleted": "deleted a team",
    "team.edited": "changed a team",
    "team.moved": "moved a team",
    "token.created": "created an API token",
    "token.revoked": "revoked an API token",
    "user.deactivated": "closed the account of {it}",
    "user.delegated": "named a delegate for {it}",
    "user.delegation_ended": "ended the delegation of {it}",
    "user.edited": "changed {it}",
    "user.invited": "invited {it}",
    "user.reactivated": "reopened the account of {it}",
}

# What a list of field changes says better than a phrase.
EDITS = frozenset({"edited"})

NOUNS = {
    "account": "account",
    "activity": "activity",
    "contact": "contact",
    "import": "import",
    "lead": "lead",
    "opportunity": "opportunity",
    "request": "conversion request",
    "user": "person",
}

ICONS = {
    "activity.completed": "check",
    "activity.deleted": "trash-2",
    "activity.logged": "at-sign",
    "assigned": "user-round",
    "converted": "chevrons-right",
    "created": "plus",
    "deleted": "trash-2",
    "file_attached": "paperclip",
    "disqualified": "thumbs-down",
    "lost": "thumbs-down",
    "submitted": "send",
    "resubmitted": "send",
    "stage_changed": "git-branch",
    "status_changed": "git-branch",
    "won": "trophy",
}
USUAL_ICON = "arrow-right-left"


def phrase_for(verb: str) -> str:
    """The phrase of a verb; one that has none is read out as it is."""
    noun, _, act = verb.partition(".")
    return PHRASES.get(verb, f"{act.replace('_', ' ')}: {{it}}" if act else noun)


def icon_for(verb: str) -> str:
    return ICONS.get(verb) or ICONS.get(verb.partition(".")[2], USUAL_ICON)
