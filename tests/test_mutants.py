"""The list of guards that `make proof` takes out one by one cannot rot."""

import pytest

from scripts.mutants import MUTANTS, ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_to_be_taken_out_is_there_once(mutant):
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    for path in mutant.tests.split():
        assert (ROOT / path).exists()


def test_there_are_enough_of_them():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 15
