"""The benchmark: how fast Relay is, beside how fast it could be on the same machine."""
