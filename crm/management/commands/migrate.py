from django.core.management.commands import migrate
from django.db import connections

from crm.database_roles import grant_application_role


class Command(migrate.Command):
    help = f"{migrate.Command.help} Runs as the owner, then renews the application role's rights."

    def handle(self, *args, **options):
        alias = options["database"]
        application_role = connections[alias].settings_dict["USER"]
        if alias == "default":
            self.become_owner()
        super().handle(*args, **options)
        owner = connections[alias]
        owner_role = owner.settings_dict["USER"]
        # With one role for both, as on a developer's own server, there is nothing to renew.
        if options["plan"] or options["check_unapplied"] or application_role == owner_role:
            return
        grant_application_role(owner, application_role)

    def become_owner(self):
        """
        Let `default` be the owner for the rest of this process.

        Running on the alias `owner` would not do: some libraries' data migrations
        write to the default database whatever the alias, and wait for the locks of
        the migration they are part of.
        """
        connections["default"].close()
        connections["default"] = connections["owner"]

