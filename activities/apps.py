from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "activities"

    def ready(self) -> None:
        from activities.handover import OPEN_TASKS
        from people.handover import register

        register(OPEN_TASKS)
