"""Model forms whose rules are a service's."""

from typing import Any

from django.forms import BoundField, ModelForm


class ReadingForm(ModelForm):
    """Reads the fields of a record for a service, and leaves the record itself alone."""

    SECTIONS: dict[str, list[str]]

    def _post_clean(self) -> None:
        """The service checks the values together, and writes them."""

    @property
    def sections(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under their headings."""
        return [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in self.SECTIONS.items()
        ]

    @property
    def changes(self) -> dict[str, Any]:
        """What the service is to write."""
        return dict(self.cleaned_data)


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
