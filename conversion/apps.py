from django.apps import AppConfig


class ConversionConfig(AppConfig):
    name = "conversion"

    def ready(self) -> None:
        from conversion.handover import REQUESTS_SENT_BACK, REQUESTS_TO_DECIDE
        from conversion.services.lapsing import lapse_after_edit
        from leads.services.leads import LEAD_EDITED
        from people.handover import register

        register(REQUESTS_TO_DECIDE)
        register(REQUESTS_SENT_BACK)
        LEAD_EDITED.follow_up(lapse_after_edit)
