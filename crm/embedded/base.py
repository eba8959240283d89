"""The database backend: Django's own, on the embedded server, started when first needed."""

from django.conf import settings
from django.db.backends.postgresql import base

from crm.embedded.server import running_server


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL whose address and password are known only once the server runs."""

    def get_connection_params(self):
        """Raises EmbeddedDatabaseError when the server cannot be started."""
        server = running_server(settings.DATA_DIR)
        self.settings_dict.update(
            HOST=server.host,
            PORT=server.port,
            PASSWORD=server.passwords[self.settings_dict["USER"]],
        )
        return super().get_connection_params()
