"""Errors: one hierarchy, each also the matching built-in, each with a way out."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import pytest

from evidence import errors
from evidence.errors import (
    Caution,
    EvidenceError,
    InsufficientEvidenceError,
    InvalidArgumentError,
    InvalidReviewError,
    ReportError,
    ReviewNotFoundError,
    UnknownNameError,
    did_you_mean,
)

TWINS = {
    InvalidArgumentError: ValueError,
    UnknownNameError: LookupError,
    InsufficientEvidenceError: ValueError,
    ReviewNotFoundError: FileNotFoundError,
    InvalidReviewError: ValueError,
    ReportError: RuntimeError,
}


def test_every_error_is_known_here() -> None:
    found = {
        thing
        for _, thing in inspect.getmembers(errors, inspect.isclass)
        if issubclass(thing, Exception) and thing.__module__ == errors.__name__
    }
    assert found == {*TWINS, EvidenceError}
    assert {thing.__name__ for thing in found} <= set(errors.__all__)


@pytest.mark.parametrize(("error", "twin"), TWINS.items())
def test_each_error_is_also_a_built_in(error: type[Exception], twin: type[Exception]) -> None:
    def fail() -> None:
        raise error("why")

    with pytest.raises(twin, match="why"):
        fail()
    with pytest.raises(EvidenceError, match="why"):
        fail()


def test_the_base_is_no_built_in_error() -> None:
    assert EvidenceError.__mro__ == (EvidenceError, Exception, BaseException, object)


def test_a_message_of_an_unknown_name_reads_as_it_was_written() -> None:
    # A KeyError would show the message in quotation marks.
    assert str(UnknownNameError("There is no 'x'.")) == "There is no 'x'."


def test_all_problems_of_a_review_travel_with_the_error() -> None:
    error = InvalidReviewError("two problems", (problem for problem in ("a", "b")))
    assert error.problems == ("a", "b")
    assert str(error) == "two problems"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems) == ("two problems", ("a", "b"))
    assert InvalidReviewError("none").problems == ()


def test_a_caution_cannot_be_changed_and_counts_as_one() -> None:
    caution = Caution("p-only", "A p value is all there is.")
    assert caution.reference == ""
    assert {caution, copy.copy(caution)} == {caution}
    with pytest.raises(dataclasses.FrozenInstanceError):
        caution.message = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("schuster", ["schuster2025", "abbasi2012"], "Did you mean 'schuster2025'?"),
        ("ISI", ["isi", "psqi"], "Did you mean 'isi'?"),
        ("reml", ["DL", "PM", "REML"], "Did you mean 'REML'?"),
        ("zzz", ["b", "a"], "Known are: a, b."),
        ("zzz", [], "None are known."),
        ("", ["a"], "Known are: a."),
    ],
)
def test_did_you_mean(name: str, known: list[str], hint: str) -> None:
    assert did_you_mean(name, iter(known)) == hint


def test_of_two_names_that_differ_in_capitals_only_one_is_suggested() -> None:
    assert did_you_mean("dL", ["dl", "DL"]) == "Did you mean 'DL'?"
