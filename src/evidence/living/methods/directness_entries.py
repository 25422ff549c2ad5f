"""Defaults of directness and of borrowing; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["DIRECTNESS"]

_BORROWING = "evidence.synthesis.borrowing"
_IBRAHIM = "Ibrahim and Chen 2000, Statistical Science 15:46-60"
_GRADE_8 = "GRADE guidelines 8 (Guyatt et al. 2011)"

DIRECTNESS = (
    Default(
        "data",
        "directness: distances from the question",
        "evidence.data.sections:DISTANCES",
        "Serious and very serious indirectness are one level and two; what nobody states is not "
        "guessed.",
        f"{_GRADE_8}, Journal of Clinical Epidemiology 64:1303-1310",
    ),
    Default(
        "synthesis",
        "borrowing: how indirect studies are discounted",
        f"{_BORROWING}.result:BorrowingMethod(kind)",
        "The dial multiplies the likelihood of a study once for every step away from the question.",
        f"{_IBRAHIM}; the power for each step is a convention",
        own=True,
    ),
    Default(
        "synthesis",
        "borrowing: whose effects differ beyond chance",
        f"{_BORROWING}.result:BorrowingMethod(model)",
        "The effect in the direct setting is asked about: direct studies alone stand at one end, "
        "and what differs between settings limits what the others can add.",
        f"{_IBRAHIM}, who leave the model open",
        own=True,
    ),
    Default(
        "synthesis",
        "borrowing: estimator of tau²",
        f"{_BORROWING}.result:BorrowingMethod(tau2_method)",
        "That of every other pooled result.",
        "Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261-293",
    ),
    Default(
        "synthesis",
        "borrowing: settings of the dial that are computed",
        f"{_BORROWING}.borrow:GRID",
        "A step of one hundredth is finer than a figure shows; changes between two are halved in.",
        own=True,
    ),
    Default(
        "synthesis",
        "borrowing: p of heterogeneity below which a common effect is cautioned about",
        f"{_BORROWING}.borrow:HETEROGENEITY_P",
        "The test has little power, so the usual 0.05 would miss a good deal.",
        "GRADE guidelines 7 (Guyatt et al. 2011), Journal of Clinical Epidemiology 64:1294-1302",
    ),
)
