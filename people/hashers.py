"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class RelayArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 64 MiB, three passes, one lane: Django's default takes 100 MiB a sign-in."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1
