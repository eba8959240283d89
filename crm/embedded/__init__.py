"""A Django database backend on a PostgreSQL server that Relay starts and stops by itself."""
