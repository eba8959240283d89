from django.urls import path

from integrations.views import imports, tokens

app_name = "integrations"

urlpatterns = [
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("import/", imports.import_leads, name="import"),
    path("import/<int:pk>/", imports.import_detail, name="import_detail"),
    path("import/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("import/<int:pk>/choices/", imports.import_choices, name="import_choices"),
    path("import/<int:pk>/corrections/", imports.import_correct, name="import_correct"),
    path("import/<int:pk>/run/", imports.import_run, name="import_run"),
    path("import/<int:pk>/go-on/", imports.import_go_on, name="import_go_on"),
    path("import/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("import/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("import/<int:pk>/left-out.csv", imports.import_refused, name="import_refused"),
]
