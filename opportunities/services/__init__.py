from opportunities.requirements import missing_to_leave
from opportunities.services.items import set_line_items
from opportunities.services.products import (
    create_product,
    delete_product,
    set_rate,
    update_product,
)
from opportunities.services.records import (
    assign_opportunity,
    create_opportunity,
    delete_opportunity,
    insert_opportunity,
    update_opportunity,
)
from opportunities.services.roles import (
    add_contact_role,
    insert_contact_role,
    remove_contact_role,
)
from opportunities.services.stages import (
    ExitRequirementsMissing,
    OpportunityIsOpen,
    move_stage,
    reopen_opportunity,
)
from opportunities.services.values import EDITABLE, OpportunityIsClosed

__all__ = [
    "EDITABLE",
    "ExitRequirementsMissing",
    "OpportunityIsClosed",
    "OpportunityIsOpen",
    "add_contact_role",
    "assign_opportunity",
    "create_opportunity",
    "create_product",
    "delete_opportunity",
    "delete_product",
    "insert_contact_role",
    "insert_opportunity",
    "missing_to_leave",
    "move_stage",
    "remove_contact_role",
    "reopen_opportunity",
    "set_line_items",
    "set_rate",
    "update_opportunity",
    "update_product",
]
