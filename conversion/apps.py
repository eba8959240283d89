from django.apps import AppConfig


class ConversionConfig(AppConfig):
    name = "conversion"

    def ready(self) -> None:
        from conversion.handover import REQUESTS_TO_DECIDE
        from people.handover import register

        register(REQUESTS_TO_DECIDE)
