#!/bin/sh
# Run by the PostgreSQL image when its volume is empty.
exec psql -v owner_password="$RELAY_OWNER_PASSWORD" -v app_password="$RELAY_APP_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres --file /relay/roles.sql
