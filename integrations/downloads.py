"""Files that an import gives back."""

import csv
from pathlib import PurePath

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from integrations.models import Import
from integrations.queries import refused_table

# What a spreadsheet needs to take a file for UTF-8.
BOM = "\ufeff"


def refused_file(batch: Import) -> HttpResponse:
    """The rows that are left out, as a CSV file to be corrected and imported again."""
    name = f"{PurePath(batch.file_name).stem}-left-out.csv"
    response = HttpResponse(BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    csv.writer(response).writerows(refused_table(batch))
    return response
