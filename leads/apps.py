from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self):
        from activities.services import ACTIVITY_CHANGED
        from leads.scoring import rescore_touched_lead
        from leads.services.deals import confirm_answers
        from opportunities.services.stages import ANSWERS_BROUGHT

        ACTIVITY_CHANGED.follow_up(rescore_touched_lead)
        ANSWERS_BROUGHT.follow_up(confirm_answers)
