"""A company to work in: teams below one manager, SDRs and AEs, and their tokens."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string

from integrations.models import Scope
from integrations.services import create_token
from people.models import Role, Team, User
from reporting.demo.company import make_team


@dataclass(frozen=True)
class Company:
    admin: User
    manager: User
    sdrs: list[User]
    aes: list[User]

    @property
    def reps(self) -> list[User]:
        return [*self.sdrs, *self.aes]


def make_company(*, teams: int, sdrs: int, aes: int) -> Company:
    """`teams` teams below one manager, each with so many SDRs and AEs."""
    roles = {role.key: role for role in Role.objects.all()}
    # One that nobody knows: without any, they would not have accepted their invitation yet.
    # Hashed once, because Argon2 takes its time.
    password = make_password(get_random_string(32))

    def person(name: str, role: str, team: Team | None) -> User:
        email = f"{name.lower().replace(' ', '.')}@relay.example"
        return User(email=email, full_name=name, role=roles[role], team=team, password=password)

    sales = make_team("Sales", None)
    people = [person("Ada Admin", "admin", None), person("Nadia North", "manager", sales)]
    for number in range(teams):
        team = make_team(f"Team {number + 1}", sales)
        people += [person(f"SDR {number + 1} {n + 1}", "sdr", team) for n in range(sdrs)]
        people += [person(f"AE {number + 1} {n + 1}", "ae", team) for n in range(aes)]
    admin, manager, *reps = User.objects.bulk_create(people)
    return Company(
        admin=admin,
        manager=manager,
        sdrs=[rep for rep in reps if rep.role.key == "sdr"],
        aes=[rep for rep in reps if rep.role.key == "ae"],
    )


def token_of(user: User) -> str:
    """A new token with all that the person may do by role."""
    scopes = [Scope.READ, Scope.WRITE, Scope.CONVERT]
    return create_token(user=user, name="script", scopes=scopes, actor=None)[1]
