"""How a test is written: a name with arguments in parentheses, and nothing that could be run.

::

    test      = name "(" [ part { "," part } ] ")"
    part      = name "=" value | test
    value     = text | "[" text { "," text } "]"
    text      = word | "'" any signs "'" | '"' any signs '"'

A word holds letters, digits, ``.``, ``_`` and ``-``. A quotation mark inside a text of its own
kind is written twice. Every value is text; which of them are numbers is said by the table of
tests. There are no expressions, no attributes and no names of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["MOST_DEEP", "MOST_PARTS", "Call", "ClaimTestError", "parse_test"]

#: Tests stand inside tests so deep at most, and one holds so many parts.
MOST_DEEP = 3
MOST_PARTS = 40

_WORD = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"", re.DOTALL)
_SPACE = re.compile(r"\s*")
_EXAMPLE = "name(argument=value, ...)"

Value = str | tuple[str, ...]


class ClaimTestError(ValueError):
    """A text that is no test.

    Parameters
    ----------
    message
        What is wrong, in one sentence.
    place
        Where in the text, counted from 0.
    found
        What stands there.
    accepted
        What is accepted there.
    """

    def __init__(self, message: str, place: int, found: str, accepted: str) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.found = found
        self.accepted = accepted


@dataclass(frozen=True, slots=True)
class Call:
    """One test: its name, its arguments in order, and the tests inside it.

    Attributes
    ----------
    name
        The test.
    arguments
        Names with their values; a list is a tuple.
    parts
        Tests that stand inside.
    """

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()
    parts: tuple[Call, ...] = ()

    def __str__(self) -> str:
        told = [f"{name}={_value_text(value)}" for name, value in self.arguments]
        return f"{self.name}({', '.join([*told, *map(str, self.parts)])})"

    def __contains__(self, argument: str) -> bool:
        return any(name == argument for name, _ in self.arguments)

    def __getitem__(self, argument: str) -> str:
        found = self.get(argument)
        if not isinstance(found, str):
            raise KeyError(argument)
        return found

    def get(self, argument: str) -> Value:
        """Return an argument's value, or an empty text."""
        return next((value for name, value in self.arguments if name == argument), "")

    def text(self, argument: str) -> str:
        """Return an argument's text; empty where it is not given."""
        found = self.get(argument)
        return found if isinstance(found, str) else ""

    def many(self, argument: str) -> tuple[str, ...]:
        """Return an argument's values; one that is no list counts as a list of one."""
        found = self.get(argument)
        if isinstance(found, str):
            return (found,) if argument in self else ()
        return found

    def number(self, argument: str) -> float:
        """Return an argument as a number."""
        return float(self[argument])

    def leaves(self) -> Iterator[Call]:
        """Yield the tests that hold no other test, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def _value_text(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value_text, value))}]"
    if _WORD.fullmatch(value):
        return value
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def parse_test(text: str) -> Call:
    """Read a test.

    Parameters
    ----------
    text
        The cell.

    Returns
    -------
    Call

    Raises
    ------
    ClaimTestError
        With what is wrong, and where.
    """
    reader = _Reader(text)
    call = reader.call(1)
    if reader.place < len(text):
        raise reader.wrong("there is something behind the end of the test.", "nothing more")
    return call


class _Reader:
    """Goes through a text from left to right, never back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.parts = 0
        self._space()

    def call(self, depth: int) -> Call:
        """Read a test that stands here."""
        if depth > MOST_DEEP:
            accepted = f"tests inside tests up to {MOST_DEEP} deep"
            raise self.wrong("the tests stand too deep inside each other.", accepted)
        name = self._name("this is not a test.", _EXAMPLE)
        self._sign("(", f"the name {name!r} has no parentheses behind it.")
        return self._inside(name, depth)

    def _inside(self, name: str, depth: int) -> Call:
        arguments: list[tuple[str, Value]] = []
        calls: list[Call] = []
        if self._skip(")"):
            return Call(name)
        while True:
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise self.wrong("the test has too many parts.", f"at most {MOST_PARTS} of them")
            start = self.place
            word = self._name("an argument has no name.", "argument=value")
            if self._skip("="):
                if any(word == known for known, _ in arguments):
                    self.place = start
                    raise self.wrong(f"the argument {word!r} stands twice.", "each argument once")
                arguments.append((word, self._value()))
            else:
                self.place = start
                calls.append(self._nested(depth, word))
            if self._skip(")"):
                return Call(name, tuple(arguments), tuple(calls))
            self._sign(",", "the parts of a test are separated by commas.", ", or )")

    def _nested(self, depth: int, word: str) -> Call:
        start = self.place
        self.place += len(word)
        self._space()
        opens = self.text[self.place : self.place + 1] == "("
        self.place = start
        if not opens:
            raise self.wrong(f"the argument {word!r} has no value.", f"{word}=value")
        return self.call(depth + 1)

    def _value(self) -> Value:
        if not self._skip("["):
            return self._text()
        found = [self._text()]
        while not self._skip("]"):
            self._sign(",", "a list ends with ], and commas separate its values.", ", or ]")
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise self.wrong("the list is too long.", f"at most {MOST_PARTS} values")
            found.append(self._text())
        return tuple(found)

    def _text(self) -> str:
        quoted = _QUOTED.match(self.text, self.place)
        if quoted is not None:
            self._move(quoted.end())
            if quoted[1] is not None:
                return quoted[1].replace("''", "'")
            return str(quoted[2]).replace('""', '"')
        if self.text[self.place : self.place + 1] in ("'", '"'):
            raise self.wrong("a quotation mark is not closed.", "the same mark at the end")
        word = _WORD.match(self.text, self.place)
        if word is None:
            accepted = "a word, or a text in 'quotation marks'"
            raise self.wrong("a value is missing, or holds signs that need marks.", accepted)
        self._move(word.end())
        return word[0]

    def _name(self, message: str, accepted: str) -> str:
        found = _NAME.match(self.text, self.place)
        if found is None:
            raise self.wrong(message, accepted)
        self._move(found.end())
        return found[0]

    def _sign(self, sign: str, message: str, accepted: str = "") -> None:
        if not self._skip(sign):
            raise self.wrong(message, accepted or sign)

    def _skip(self, sign: str) -> bool:
        if self.text[self.place : self.place + 1] != sign:
            return False
        self._move(self.place + 1)
        return True

    def _move(self, place: int) -> None:
        self.place = place
        self._space()

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.place)
        assert found is not None
        self.place = found.end()

    def wrong(self, message: str, accepted: str) -> ClaimTestError:
        """Return what is wrong here."""
        rest = self.text[self.place : self.place + 30]
        return ClaimTestError(message, self.place, rest or "the end of the cell", accepted)
