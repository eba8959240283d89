"""What drf-spectacular is told of the API: its name, its shapes, its page."""

from typing import Any

API_DESCRIPTION: dict[str, Any] = {
    "TITLE": "Relay API",
    "DESCRIPTION": "Leads, the handoff, the conversion, and what follows from it.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Choices that fields of several names share.
    "ENUM_NAME_OVERRIDES": {
        "LeadStatusKindEnum": "leads.models.StatusKind",
        "StageKindEnum": "opportunities.models.StageKind",
        "AnswerStateEnum": "leads.models.AnswerState",
        "ImportStateEnum": "integrations.models.ImportState",
        "RequestStateEnum": "conversion.models.RequestState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "crm.api_schema.finish_components",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
