from django.apps import AppConfig


class ConversionConfig(AppConfig):
    name = "conversion"

    def ready(self) -> None:
        from conversion.handover import REQUESTS_TO_DECIDE
        from conversion.services.lapsing import lapse_after_edit
        from leads.services.leads import AFTER_EDIT
        from people.handover import register

        register(REQUESTS_TO_DECIDE)
        AFTER_EDIT.append(lapse_after_edit)
