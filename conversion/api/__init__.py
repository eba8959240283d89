"""The handoff and the conversion in the REST API. The services are those of the pages."""

from conversion.api.conversions import ConversionViewSet
from conversion.api.leads import LeadConversionViewSet
from conversion.api.requests import ConversionRequestViewSet

__all__ = ["ConversionRequestViewSet", "ConversionViewSet", "LeadConversionViewSet"]
