"""What tests of the REST API read out of an answer."""


def pointers(answer):
    """Where the problems are: in the body, or the name of a parameter."""
    return {error.get("pointer") or error.get("parameter") for error in answer.json()["errors"]}


def ids(answer):
    """The records of a page of a list, in its order."""
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]
