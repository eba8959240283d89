from django.core.management.commands import migrate
from django.db import connections

from crm.database_roles import grant_application_role


class Command(migrate.Command):
    help = f"{migrate.Command.help} Runs as the owner, then renews the application role's rights."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args, **options):
        super().handle(*args, **options)
        owner, application = connections[options["database"]], connections["default"]
        role = application.settings_dict["USER"]
        # With one role for both, as on a developer's own server, there is nothing to renew.
        if options["plan"] or options["check_unapplied"] or role == owner.settings_dict["USER"]:
            return
        grant_application_role(owner, role)
