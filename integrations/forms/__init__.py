"""The shape of what people type and upload about other programs."""

from integrations.forms.corrections import CorrectionsForm
from integrations.forms.imports import ChoicesForm, ColumnsForm, UploadForm
from integrations.forms.tokens import TokenForm

__all__ = ["ChoicesForm", "ColumnsForm", "CorrectionsForm", "TokenForm", "UploadForm"]
