"""What a deal still needs before it may leave its stage."""

from opportunities.models import ExitRequirement, Opportunity

# What an exit requirement may ask for, and how the settings call it. Rows of other tables
# count as filled when there is at least one.
FIELDS = {
    "amount": "Amount",
    "close_date": "Close date",
    "primary_contact": "Primary contact",
    "next_step": "Next step",
    "next_step_on": "Date of the next step",
    "description": "Description",
    "source": "Source",
    "campaign": "Campaign",
    "competitor": "Competitor",
    "partner_account": "Partner account",
    "contact_roles": "Contact roles",
    "line_items": "Products",
}
ROWS = frozenset({"contact_roles", "line_items"})

# The state of a playbook answer that counts; answers belong to an app above this one.
CONFIRMED = "confirmed"


def missing_to_leave(opportunity: Opportunity) -> list[ExitRequirement]:
    """The exit requirements of the deal's stage that it does not meet yet, in their order."""
    return [requirement for requirement, is_met in exit_checks(opportunity) if not is_met]


def criteria_to_leave(opportunity: Opportunity) -> list[ExitRequirement]:
    """The exit requirements of the deal's stage that ask for an answer, with their criteria."""
    requirements = ExitRequirement.objects.filter(
        stage=opportunity.stage_id, criterion__isnull=False
    )
    return list(requirements.select_related("criterion").order_by("position", "pk"))


def exit_checks(opportunity: Opportunity) -> list[tuple[ExitRequirement, bool]]:
    """Every exit requirement of the deal's stage, and whether it is met."""
    requirements = list(
        ExitRequirement.objects.filter(stage=opportunity.stage_id)
        .select_related("criterion")
        .order_by("position", "pk")
    )
    wanted = [requirement.criterion_id for requirement in requirements if requirement.criterion_id]
    confirmed = (
        set(
            opportunity.answers.filter(criterion_id__in=wanted, state=CONFIRMED).values_list(
                "criterion_id", flat=True
            )
        )
        if wanted
        else set()
    )
    return [
        (
            requirement,
            requirement.criterion_id in confirmed
            if requirement.criterion_id
            else is_filled(opportunity, requirement.field),
        )
        for requirement in requirements
    ]


def is_filled(opportunity: Opportunity, field: str) -> bool:
    """Whether somebody has given the field. A close date that was only assumed does not count."""
    if field in ROWS:
        return getattr(opportunity, field).exists()
    if field == "close_date":
        return not opportunity.close_date_is_default
    return opportunity.serializable_value(field) not in (None, "")
