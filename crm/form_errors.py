"""What a service found wrong with the input, shown at the fields of the form it came from."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm


def add_service_errors(form: BaseForm, error: ValidationError) -> None:
    """Put each message at its field, and one about a field the form has not above the form."""
    found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error}
    for name, messages in found.items():
        form.add_error(name if name in form.fields else None, messages)
