"""A number as it was reported: its digits are part of the information.

``5.10`` has two decimals and stands for anything from 5.095 to 5.105. Reading it
as the float 5.1 loses that, so every number is read as text first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

from evidence.errors import InvalidArgumentError

__all__ = ["ReportedNumber"]

_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class ReportedNumber:
    """A number with the digits it was printed with.

    Parameters
    ----------
    text
        The digits as reported, for example ``"5.10"``.

    Raises
    ------
    InvalidArgumentError
        When `text` is not a plain decimal number with a point.
    """

    text: str

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.text):
            raise InvalidArgumentError(
                f"{self.text!r} is not a number with a decimal point, like '5.10'"
            )

    @classmethod
    def is_number(cls, text: str) -> bool:
        """Whether `text` is a plain decimal number."""
        return _NUMBER.fullmatch(text) is not None

    @property
    def value(self) -> float:
        """The number as a float."""
        return float(self.text)

    @property
    def decimals(self) -> int:
        """How many decimals were printed (0 for a whole number)."""
        return max(0, -self._exponent)

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed digit: what rounding can have hidden.

        In ``1.5e3`` the last printed digit is the 5, and half a unit of it is 50.
        """
        return float(self._half)

    @property
    def low(self) -> float:
        """The lowest value that prints as `text`."""
        return self._shifted(-self._half)

    @property
    def high(self) -> float:
        """The highest value that prints as `text`."""
        return self._shifted(self._half)

    @property
    def _exponent(self) -> int:
        """The power of ten of the last printed digit."""
        return int(Decimal(self.text).as_tuple().exponent)

    @property
    def _half(self) -> Decimal:
        return Decimal((0, (5,), self._exponent - 1))

    def _shifted(self, by: Decimal) -> float:
        # With enough digits that only the last step, to a float, rounds.
        with localcontext(prec=len(self.text) + 2):
            return float(Decimal(self.text) + by)

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return self.text
