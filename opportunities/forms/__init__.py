"""What people type into the screens of deals."""

from opportunities.forms.deals import AssignForm, NewOpportunityForm, OpportunityForm
from opportunities.forms.moves import MoveForm, ReopenForm, answer_fields, rows_asked_for
from opportunities.forms.parts import ContactRoleForm, LineItemFormSet, initial_items
from opportunities.forms.settings import ProductForm, RateForm

__all__ = [
    "AssignForm",
    "ContactRoleForm",
    "LineItemFormSet",
    "MoveForm",
    "NewOpportunityForm",
    "OpportunityForm",
    "ProductForm",
    "RateForm",
    "ReopenForm",
    "answer_fields",
    "initial_items",
    "rows_asked_for",
]
