"""
What a plan means for one lead and one person: the records it uses, the values it writes,
and every reason why it cannot be carried out. Preview shows it; conversion executes it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone

from accounts.keys import email_key
from accounts.models import Account, Campaign, Contact, LeadSource
from accounts.services.addresses import MAX_OTHERS
from activities.models import ActivityKind
from conversion.errors import PlanInvalid, PlanProblem
from conversion.mapping import NEVER_TAKEN, TIGHTENING, is_empty, kept_on_lead, shown, values_for
from conversion.plans import CREATE, EXISTING, NONE, ConversionPlan, TargetPlan
from conversion.pricing import prices_for, total_of
from conversion.targets import TARGET_MODELS, Resolution, Target
from crm.records import as_json
from leads.models import Lead, LeadStatus, StatusKind
from opportunities.defaults import default_close_date, default_stage
from opportunities.models import Opportunity, Stage, StageKind
from people.models import User, Workspace
from people.ownership import OwnedQuerySet
from people.reach import Action

# What stays with the lead and is shown on the targets too.
MOVED = """
    SELECT count(*), count(*) FILTER (WHERE kind = %(task)s AND done_at IS NULL),
           count(*) FILTER (WHERE kind = %(file)s)
      FROM activities_activity
     WHERE lead_id = %(lead)s AND deleted_at IS NULL
"""


def resolve(
    *,
    lead: Lead,
    plan: ConversionPlan,
    actor: User,
    default_owner: User | None = None,
    for_execution: bool = True,
    lock: bool = False,
) -> Resolution:
    """
    Decide every value of a plan. Raises PlanInvalid with all that is wrong with it.

    `for_execution` asks that existing targets may be changed by `actor`; a requester only
    has to see them. `lock` holds them, account before contact before opportunity, until
    the transaction ends.
    """
    return Resolver(lead, plan, actor, for_execution=for_execution, lock=lock).resolution(
        default_owner or actor
    )


def values_of_new(lead: Lead, actor: User) -> dict[str, dict[str, Any]]:
    """{target: values} of three new records of this lead, before anybody changes anything."""
    new = TargetPlan(CREATE)
    resolver = Resolver(lead, ConversionPlan(new, new, new), actor)
    deal = resolver.opportunity_defaults() | values_for(lead, "opportunity")
    deal["close_date"] = default_close_date(timezone.localdate(), resolver.workspace)
    return {
        "account": values_for(lead, "account"),
        "contact": values_for(lead, "contact"),
        "opportunity": deal,
    }


class Resolver:
    """One resolving; collects problems while it goes."""

    def __init__(
        self,
        lead: Lead,
        plan: ConversionPlan,
        actor: User,
        *,
        for_execution: bool = True,
        lock: bool = False,
    ):
        self.lead = lead
        self.plan = plan
        self.actor = actor
        self.action = Action.EDIT if for_execution else Action.VIEW
        self.lock = lock
        self.problems: list[PlanProblem] = []
        self.workspace = Workspace.load()

    def resolution(self, default_owner: User) -> Resolution:
        owner = self.owner(default_owner)
        status: Any = self.status()
        account = self.account()
        contact = self.contact(account)
        opportunity = self.opportunity(account)
        self.keep_addresses(contact)
        if self.problems:
            raise PlanInvalid(self.problems)
        resolution = Resolution(
            self.lead, self.plan, self.workspace, owner, status, account, contact, opportunity
        )
        unplaced = self.place_products(resolution)
        resolution.effects = self.effects(resolution, unplaced)
        return resolution

    def refuse(self, pointer: str, detail: str, code: str = "invalid") -> None:
        self.problems.append({"pointer": pointer, "code": code, "detail": detail})

    def owner(self, default: User) -> User:
        if self.plan.owner is None or self.plan.owner == default.pk:
            return default
        owner = User.objects.active().visible_to(self.actor).filter(pk=self.plan.owner).first()
        if owner is None:
            self.refuse("/owner", "There is no such active user.", "does_not_exist")
        return owner or default

    def status(self) -> LeadStatus | None:
        statuses = LeadStatus.objects.filter(kind=StatusKind.CONVERTED, is_active=True)
        if self.plan.status is None:
            status = statuses.order_by("-is_default", "position", "pk").first()
        else:
            status = statuses.filter(pk=self.plan.status).first()
        if status is None:
            self.refuse("/status", "Choose a status for converted leads.", "does_not_exist")
        return status

    def account(self) -> Target:
        plan = self.plan.account
        if plan.action == CREATE:
            return self.new("account", plan)
        record = self.existing("account", plan, Account.objects)
        return self.filled("account", plan, record)

    def contact(self, account: Target) -> Target:
        plan = self.plan.contact
        if plan.action == CREATE:
            return self.new("contact", plan)
        record = self.existing("contact", plan, Contact.objects)
        if record and (account.record is None or record.account_id != account.record.pk):
            self.refuse(
                "/contact/id",
                "This contact does not belong to the chosen account.",
                "wrong_account",
            )
        return self.filled("contact", plan, record)

    def opportunity(self, account: Target) -> Target | None:
        plan = self.plan.opportunity
        if plan.action == NONE:
            return None
        if plan.action == EXISTING:
            record = self.existing("opportunity", plan, Opportunity.objects)
            if record and (account.record is None or record.account_id != account.record.pk):
                self.refuse(
                    "/opportunity/id",
                    "This opportunity does not belong to the chosen account.",
                    "wrong_account",
                )
            elif record and not record.is_open:
                self.refuse("/opportunity/id", "This opportunity is closed.", "closed")
            return Target("opportunity", EXISTING, record)
        target = self.new("opportunity", plan)
        # The close date stays unset here, so that the deal knows nobody has chosen it.
        target.values = self.opportunity_defaults() | target.values
        return target

    def existing(self, name: str, plan: TargetPlan, objects: Any) -> Any:
        """The chosen record, locked when asked. Refuses one that is hidden or not editable."""
        chosen: OwnedQuerySet = objects.visible_to(self.actor, self.action).filter(pk=plan.id)
        if self.lock:
            chosen = chosen.select_for_update(of=("self",), no_key=True)
        record = chosen.first()
        if record is None:
            visible = objects.visible_to(self.actor).filter(pk=plan.id).exists()
            self.refuse(
                f"/{name}/id",
                f"You may not change this {name}."
                if visible
                else f"There is no such {name}, or you may not see it.",
                "not_editable" if visible else "does_not_exist",
            )
        return record

    def new(self, name: str, plan: TargetPlan) -> Target:
        values = values_for(self.lead, name)
        values |= self.cleaned(name, plan.fields)
        if name == "account" and not values.get("name"):
            self.refuse("/account/fields/name", "Give the account a name.", "required")
        if name == "contact" and not values.get("last_name"):
            self.refuse("/contact/fields/last_name", "Give the contact a last name.", "required")
        return Target(name, "created", values=values)

    def filled(self, name: str, plan: TargetPlan, record: Any) -> Target:
        """Fill what is empty; replace only what the plan names; keep, and name, the rest."""
        target = Target(name, EXISTING, record)
        if record is None:
            return target
        offered = values_for(self.lead, name)
        for unknown in set(plan.take_from_lead) - (set(offered) - NEVER_TAKEN):
            self.refuse(
                f"/{name}/take_from_lead", f"The lead has no {unknown} to take.", "not_offered"
            )
        for key, value in offered.items():
            current = getattr(record, key)
            if key in NEVER_TAKEN or current == value:
                continue
            change = {"field": key, "label": label_of(name, key)}
            if key in TIGHTENING or is_empty(current):
                target.values[key] = value
                target.filled.append(change | {"value": shown(value)})
            elif key in plan.take_from_lead:
                target.values[key] = value
                target.replaced.append(change | {"old": shown(current), "new": shown(value)})
            else:
                target.kept.append(change | {"value": shown(current), "lead_value": shown(value)})
        return target

    def cleaned(self, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The plan's own values as the columns take them, each problem with its pointer."""
        values = {}
        for key, value in fields.items():
            column = TARGET_MODELS[name]._meta.get_field(key)
            pointer = f"/{name}/fields/{key}"
            try:
                if column.is_relation:
                    values[key] = self.related(column, value)
                elif isinstance(column, models.TextField | models.CharField) and not isinstance(
                    value, str
                ):
                    raise ValidationError("Give text.")
                else:
                    values[key] = column.clean(value, None)
            except ValidationError as error:
                self.refuse(pointer, " ".join(error.messages))
        return values

    def related(self, column: Any, value: Any) -> Any:
        if value is None and column.null:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
            raise ValidationError("Give the id of a record.")
        choices = {
            LeadSource: LeadSource.objects.all(),
            Campaign: Campaign.objects.all(),
            Stage: Stage.objects.filter(is_active=True, kind=StageKind.OPEN),
            User: User.objects.active().visible_to(self.actor),
            Account: Account.objects.visible_to(self.actor),
        }
        found = choices[column.related_model].filter(pk=value).first()
        if found is None:
            raise ValidationError("There is no such record, or you may not choose it.")
        return found

    def opportunity_defaults(self) -> dict[str, Any]:
        """What a new deal gets where the plan says nothing."""
        first = next(iter(self.interests()), None)
        what = first.product.name if first else "New business"
        name = f"{self.lead.company_or_name} - {what}"
        return {
            "name": name[:250],
            "stage": default_stage(),
            "currency": self.workspace.currency,
        }

    def interests(self) -> Iterable[Any]:
        """The lead's product interests, read once."""
        if not hasattr(self, "_interests"):
            self._interests = list(
                self.lead.product_interests.select_related("product").order_by("pk")
            )
        return self._interests

    def place_products(self, resolution: Resolution) -> list[dict[str, str]]:
        """
        Make line items of the product interests, and name those that find no place.

        Line items make the amount: where another one is given, their prices come to it.
        """
        opportunity, interests = resolution.opportunity, list(self.interests())
        if not interests:
            return []
        why = "no new opportunity"
        if opportunity is not None and opportunity.is_new:
            currency = opportunity.values["currency"]
            prices = prices_for(interests, opportunity.values.get("amount"))
            if any(interest.product.currency != currency for interest in interests):
                why = "priced in another currency"
            elif prices is None:
                why = "no prices come to this amount"
            else:
                resolution.line_items = [
                    {
                        "product": interest.product,
                        "quantity": interest.quantity,
                        "unit_price": price,
                    }
                    for interest, price in zip(interests, prices, strict=True)
                ]
                opportunity.values["amount"] = total_of(interests, prices)
                return []
        names = ", ".join(interest.product.name for interest in interests)
        return [{"field": "products", "label": "Product interests", "value": f"{names} ({why})"}]

    def keep_addresses(self, contact: Target) -> None:
        """Addresses of the lead that are not the contact's primary one become further ones."""
        primary = contact.values.get("email") or (contact.record.email if contact.record else "")
        known = (
            list(contact.record.other_emails.order_by("pk").values_list("email", flat=True))
            if contact.record
            else []
        )
        taken = {email_key(address) for address in (primary, *known)}
        new = [
            address
            for address in (self.lead.email, self.lead.other_email)
            if address and email_key(address) not in taken
        ]
        if len(known) + len(new) > MAX_OTHERS:
            self.refuse(
                "/contact/id",
                f"This contact has as many further addresses as fit ({MAX_OTHERS}). "
                "Choose another contact, or make a new one.",
                "too_many_addresses",
            )
        elif new:
            contact.values["other_emails"] = [*known, *new]
            contact.filled.append(
                {"field": "other_emails", "label": "Further emails", "value": ", ".join(new)}
            )

    def effects(self, resolution: Resolution, unplaced: list[dict[str, str]]) -> dict[str, Any]:
        opportunity = resolution.opportunity
        targets = {"account", "contact"}
        deal: dict[str, Any] | None = None
        if opportunity is not None:
            deal = opportunity.effect()
            if opportunity.is_new:
                targets.add("opportunity")
                close_date = opportunity.values.get("close_date") or default_close_date(
                    timezone.localdate(), self.workspace
                )
                deal |= {
                    "amount": as_json(opportunity.values.get("amount")),
                    "currency": opportunity.values["currency"],
                    "close_date": as_json(close_date),
                    "stage": opportunity.values["stage"].name,
                    "line_items": [
                        {
                            "product": item["product"].name,
                            "quantity": str(item["quantity"]),
                            "unit_price": str(item["unit_price"]),
                        }
                        for item in resolution.line_items
                    ],
                }
            deal["contact_role"] = self.plan.contact_role
        return {
            "account": resolution.account.effect(),
            "contact": resolution.contact.effect(),
            "opportunity": deal,
            "owner": resolution.owner.full_name,
            "moved": self.moved(),
            "kept_on_lead": [*kept_on_lead(self.lead, targets), *unplaced],
        }

    def moved(self) -> dict[str, int]:
        about: dict[str, Any] = {
            "lead": self.lead.pk,
            "task": ActivityKind.TASK,
            "file": ActivityKind.FILE,
        }
        with connection.cursor() as cursor:
            cursor.execute(MOVED, about)
            return dict(zip(("activities", "open_tasks", "files"), cursor.fetchone(), strict=True))


def label_of(target: str, key: str) -> str:
    return TARGET_MODELS[target]._meta.get_field(key).verbose_name.capitalize()
