"""Defaults of doses and compounds; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["DOSE"]

DOSE = (
    Default(
        "data",
        "compounds: how far a printed molar mass may be from its formula's",
        "evidence.data.compounds:WEIGHTS_DIFFER",
        "Tables of atomic weights differ a little, since the weights vary in nature; a slip in a "
        "formula moves its mass by far more.",
        "Prohaska et al. 2022, Pure and Applied Chemistry 94:573-600, for the weights",
        own=True,
        unit="of the molar mass, beyond rounding",
    ),
)
