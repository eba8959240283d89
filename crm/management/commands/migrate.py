import contextlib
import gc

from django.core.management.commands import migrate
from django.db import connections

from crm.database_roles import grant_application_role


class Command(migrate.Command):
    help = f"{migrate.Command.help} Runs as the owner, then renews the application role's rights."

    def handle(self, *args, **options):
        alias = options["database"]
        application_role = connections[alias].settings_dict["USER"]
        as_owner = default_as_owner() if alias == "default" else contextlib.nullcontext()
        with as_owner, garbage_collected_seldom():
            super().handle(*args, **options)
            owner = connections[alias]
            # With one role for both, as on a developer's own server, there is nothing to renew.
            one_role = owner.settings_dict["USER"] == application_role
            if not (options["plan"] or options["check_unapplied"] or one_role):
                grant_application_role(owner, application_role)


@contextlib.contextmanager
def default_as_owner():
    """
    Let `default` be the owner for a while.

    Running on the alias `owner` would not do: some libraries' data migrations write to the
    default database whatever the alias, and wait for the locks of the migration they are part of.
    """
    application = connections["default"]
    application.close()
    connections["default"] = connections["owner"]
    try:
        yield
    finally:
        connections["owner"].close()
        connections["default"] = application


@contextlib.contextmanager
def garbage_collected_seldom():
    """
    Let the garbage lie for a while.

    Every operation makes all models anew that have to do with its own. Their many objects set
    off one collection after the other, which took a quarter of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
