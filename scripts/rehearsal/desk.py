"""Somebody at a desk: calls the API in the name of several people and writes answers down."""

import time
from collections.abc import Mapping

from people.models import User
from scripts.http_client import Answer, Call, Client
from scripts.rehearsal.books import Books

SERVER_ERROR = 500


class Desk:
    """One thread's connections, one for each person it speaks for."""

    def __init__(self, address: str, tokens: Mapping[int, str], books: Books):
        self.address = address
        self.tokens = tokens
        self.books = books
        self.clients: dict[int, Client] = {}

    def call(self, person: User, act: str, call: Call, *, allowed: tuple[str, ...] = ()) -> Answer:
        """
        Send it, and write down what comes back.

        An answer that is neither a success nor one of the `allowed` codes is a violation.
        """
        if person.pk not in self.clients:
            self.clients[person.pk] = Client(self.address, token=self.tokens[person.pk])
        started = time.perf_counter()
        answer = self.clients[person.pk].send(call)
        seconds = time.perf_counter() - started
        is_success = answer.status < 300
        self.books.note(act, seconds, str(answer.status) if is_success else answer.code)
        if answer.status >= SERVER_ERROR or not (is_success or answer.code in allowed):
            text = answer.body[:300].decode(errors="replace")
            self.books.object(f"{call.method} {call.path}: {answer.status} {text}")
        return answer
