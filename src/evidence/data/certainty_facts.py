"""The facts that a reviewer's decision on certainty was made on, as one readable line.

``people = 258; low = -1.77; high = 0.518``: a decision's row keeps this line and a short hash
of it. The line says what changed when a fact does; the hash shows that nobody changed the line
by hand.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping

__all__ = ["DIGITS", "fingerprint_of", "read_facts", "write_facts"]

#: Significant digits of a number among the facts: what lies beyond them changes no rating.
DIGITS = 3
_LENGTH = 8
_SEPARATORS = re.compile(r"[;=\s]+")


def write_facts(facts: Mapping[str, object]) -> str:
    """Write facts as one line, in their order.

    Parameters
    ----------
    facts
        Names with numbers, words, truth values or None.
    """
    return "; ".join(f"{_plain(name)} = {_value(value)}" for name, value in facts.items())


def read_facts(line: str) -> dict[str, str]:
    """Return the facts of a line by name, as text.

    Parameters
    ----------
    line
        As `write_facts` wrote it.
    """
    pairs = (part.partition("=") for part in line.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def fingerprint_of(line: str) -> str:
    """Return the first eight hexadecimal digits of SHA-256 of a line of facts.

    White space around names and values does not count.

    Parameters
    ----------
    line
        As `write_facts` wrote it.
    """
    canonical = "; ".join(f"{name} = {value}" for name, value in read_facts(line).items())
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:_LENGTH]


def _plain(text: object) -> str:
    """Keep what separates facts out of their words."""
    return _SEPARATORS.sub(" ", str(text)).strip()


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        # Adding 0 takes the sign from a zero.
        return f"{value:.{DIGITS}g}" if value and math.isfinite(value) else f"{value + 0.0:g}"
    if isinstance(value, tuple | list):
        return ", ".join(map(_value, value)) or "none"
    return _plain(value) or "none"
