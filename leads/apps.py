from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self):
        from activities.reactions import react_to_activities
        from leads.scoring import rescore_lead

        react_to_activities("lead", rescore_lead)
