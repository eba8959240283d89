"""Model forms whose rules are a service's."""

from typing import Any

from django.forms import ModelForm


def leave_rules_to_service(form: ModelForm) -> None:
    """
    Let a form check the shape of each field only, and no constraint of the model.

    The service checks constraints on what it is about to write, which may differ from what
    was typed: it may make an address lower case, or take the default from another row.
    """

    def unchecked(*args: Any, **kwargs: Any) -> None:
        pass

    for checked, rule in ((form, "validate_unique"), (form.instance, "validate_constraints")):
        setattr(checked, rule, unchecked)
