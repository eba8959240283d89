from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self):
        from activities.services import ACTIVITY_CHANGED
        from leads.scoring import rescore_touched_lead

        ACTIVITY_CHANGED.follow_up(rescore_touched_lead)
