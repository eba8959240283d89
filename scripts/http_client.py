"""One client of the API or of the pages, over a connection that is kept open."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any

# The server closes connections that are idle for five seconds.
IDLE_SECONDS = 2


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent."""

    method: str
    path: str
    body: Any = None
    key: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    replayed: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """What the API calls the problem, or just the status."""
        try:
            return str(self.json["code"])
        except (ValueError, KeyError, TypeError):
            return str(self.status)


class Client:
    """Sends calls one after the other. Not for several threads."""

    def __init__(self, address: str, *, token: str = "", cookie: str = ""):
        self.used_at = 0.0
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.headers = {"Accept": "application/json" if token else "text/html"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        if cookie:
            self.headers["Cookie"] = cookie

    def send(self, call: Call) -> Answer:
        """Raises OSError or http.client.HTTPException where no answer comes."""
        headers, body = dict(self.headers), None
        if call.body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(call.body)
        if call.key:
            headers["Idempotency-Key"] = call.key
        if time.monotonic() - self.used_at > IDLE_SECONDS:
            self.connection.close()  # And opened again by what follows.
        self.connection.request(call.method, call.path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.used_at = time.monotonic()
        replayed = answer.getheader("Idempotent-Replayed") == "true"
        return Answer(answer.status, content, replayed)
