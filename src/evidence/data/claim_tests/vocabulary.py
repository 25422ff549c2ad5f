"""Which tests there are, with their arguments: the table that reader, checks and codebook share."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.data.certainty_tables import CERTAINTY_LEVELS

__all__ = ["ALL", "CLAIM_TESTS", "LOOKUPS", "NONE", "READINGS", "Argument", "ClaimTest"]

#: The test that says that nothing can check a claim, and the one that joins others.
NONE, ALL = "none", "all"
#: How a range of doses may be meant.
READINGS = ("element", "compound")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a test.

    Attributes
    ----------
    name
        As it is written.
    kind
        What it names: ``"study"``, ``"outcome"``, ``"timepoint"``, ``"treatment"``, ``"arm"``,
        ``"threshold"``, ``"analysis"``, ``"fact"``, ``"form"``, ``"domain"``, ``"item"``; else
        ``"number"``, ``"text"`` or ``"choice"``.
    meaning
        For the codebook.
    required
        Whether it must be given.
    many
        Whether it is a list.
    choices
        The accepted words of a choice.
    least, positive
        The smallest accepted number, and whether it has to be above that.
    """

    name: str
    kind: str
    meaning: str
    required: bool = True
    many: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    positive: bool = False

    @property
    def accepted_number(self) -> str:
        """What a number may be, in words."""
        if self.least is None:
            return "a number, decimals after a point"
        return f"a number {'above' if self.positive else 'of at least'} {self.least:g}"

    def takes(self, number: float) -> bool:
        """Return whether a number is accepted.

        Parameters
        ----------
        number
            The number.
        """
        if self.least is None:
            return True
        return number > self.least if self.positive else number >= self.least


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """One test.

    Attributes
    ----------
    name
        As it is written.
    family
        Which rules judge it: ``"effect"``, ``"body"``, ``"evidence"``, ``"source"``,
        ``"amount"``, ``"none"`` or ``"all"``.
    asks
        The question that it puts, for the codebook.
    arguments
        What it takes.
    tables
        Where study and outcome must have a row together: in one of these tables.
    """

    name: str
    family: str
    asks: str
    arguments: tuple[Argument, ...] = ()
    tables: tuple[str, ...] = ()

    def argument(self, name: str) -> Argument | None:
        """Return an argument by its name, or None."""
        return next((each for each in self.arguments if each.name == name), None)


_STUDY = Argument("study", "study", "the study")
_OUTCOME = Argument("outcome", "outcome", "the outcome")
_TIME = Argument("timepoint", "timepoint", "when, as in the tables", required=False)
_AT = Argument("timepoint", "timepoint", "when, as in the tables")
_TREATMENT = Argument(
    "treatment", "treatment", "which comparison, where a study makes several", required=False
)
_THRESHOLD = Argument(
    "threshold", "threshold", "judge the size by this one only; by all without it", required=False
)
_ANALYSIS = Argument("analysis", "analysis", "the planned analysis")
_FORM = Argument("form", "form", "the form; the one asked about without it", required=False)
_LOW = Argument("low", "number", "lower end", least=0, positive=True)
_HIGH = Argument("high", "number", "upper end", least=0, positive=True)
_BOTH = ("contrasts", "arms")

_TESTS = (
    ClaimTest(
        "benefit",
        "effect",
        "Did the study find its treatment better than the comparator, by an amount that matters?",
        (_STUDY, _OUTCOME, _TIME, _TREATMENT, _THRESHOLD),
        _BOTH,
    ),
    ClaimTest(
        "fewer_events",
        "effect",
        "Had fewer people the event with the treatment than chance would give?",
        (_STUDY, _OUTCOME),
        ("arms",),
    ),
    ClaimTest(
        "compare_arms",
        "effect",
        "Is the mean of the treatment's arm the better one, by more than chance?",
        (_STUDY, _OUTCOME, _AT),
        ("arms",),
    ),
    ClaimTest(
        "more_effective",
        "effect",
        "Is what one study compared better against its comparator than what another did?",
        (
            _STUDY,
            _OUTCOME,
            Argument("than", "study", "the other study, with the same outcome"),
            _TREATMENT,
        ),
        _BOTH,
    ),
    ClaimTest(
        "pooled_benefit",
        "body",
        "Does the planned analysis find a benefit that matters, and how certain is it?",
        (_ANALYSIS,),
    ),
    ClaimTest(
        "trials",
        "evidence",
        "How many published trials of the form are there?",
        (
            _FORM,
            Argument("since", "number", "published in this year or later", required=False),
            Argument("at_least", "number", "holds from so many on", required=False, least=1),
            Argument("at_most", "number", "holds up to so many", required=False, least=0),
        ),
    ),
    ClaimTest(
        "direction_consistent",
        "evidence",
        "Do the trials all point towards the treatment?",
        (Argument("domain", "domain", "only outcomes of this domain", required=False),),
    ),
    ClaimTest(
        "certainty_at_least",
        "evidence",
        "Is the certainty of the analysis at least this, under every reading of its trials?",
        (
            _ANALYSIS,
            Argument("level", "choice", "GRADE's level", choices=tuple(CERTAINTY_LEVELS)),
        ),
    ),
    ClaimTest(
        "results_differ",
        "evidence",
        "Do some of these studies show a benefit and others none?",
        (Argument("studies", "study", "the studies", many=True),),
    ),
    ClaimTest(
        "same_form",
        "source",
        "Did the study give this form?",
        (_STUDY, _FORM),
    ),
    ClaimTest(
        "described_as",
        "source",
        "Is the study what it is said to be?",
        (
            _STUDY,
            Argument("people", "number", "people randomised", required=False, least=1),
            Argument("year", "number", "year of publication", required=False),
            Argument("design", "text", "design, as in `studies.csv`", required=False),
            Argument("comparator", "text", "comparator, as in `studies.csv`", required=False),
            Argument("blinding", "text", "blinding, as in `studies.csv`", required=False),
        ),
    ),
    ClaimTest(
        "says",
        "source",
        "Do the study's facts of this item hold these words?",
        (
            _STUDY,
            Argument("item", "item", "item of `study_facts.csv`"),
            Argument("words", "text", "words of its value or quote"),
        ),
    ),
    ClaimTest(
        "time_tested",
        "source",
        "Was it taken at the time that is claimed?",
        (
            _STUDY,
            Argument("low", "number", "lower end, minutes before", least=0),
            Argument("high", "number", "upper end, minutes before", least=0),
        ),
    ),
    ClaimTest(
        "dose_tested",
        "source",
        "Did a trial of the form give a dose in this range, in milligrams a day?",
        (
            _LOW,
            _HIGH,
            _FORM,
            Argument(
                "meant", "choice", "what is weighed, where it is said", False, choices=READINGS
            ),
        ),
    ),
    ClaimTest(
        "fact_is",
        "amount",
        "Is a fact's value this?",
        (
            Argument("fact", "fact", "the fact"),
            Argument("value", "number", "what is claimed, in the fact's unit"),
        ),
    ),
    ClaimTest(
        "fact_within",
        "amount",
        "Is a fact's value at or below another one's?",
        (
            Argument("fact", "fact", "the fact"),
            Argument("limit", "fact", "the other one, in the same unit"),
        ),
    ),
    ClaimTest(
        "mean_within",
        "amount",
        "Is the mean of an arm at or below a fact's value?",
        (
            _STUDY,
            _OUTCOME,
            _AT,
            Argument("arm", "arm", "the arm, as in `arms.csv`"),
            Argument("limit", "fact", "the fact, in the outcome's unit"),
        ),
        ("arms",),
    ),
    ClaimTest(
        "range_within_limits",
        "amount",
        "Is a range of doses, in milligrams a day, within every upper limit, however it is read?",
        (
            _LOW,
            _HIGH,
            _FORM,
            Argument(
                "meant", "choice", "what is weighed, where it is said", False, choices=READINGS
            ),
        ),
    ),
    ClaimTest(
        "element_in",
        "amount",
        "Does an amount of the compound hold less of the element than this?",
        (
            _FORM,
            Argument("amount", "number", "milligrams of the compound", least=0, positive=True),
            Argument("below", "number", "milligrams of the element", least=0, positive=True),
        ),
    ),
    ClaimTest(
        NONE,
        "none",
        "Nothing here can check it.",
        (Argument("reason", "text", "why"),),
    ),
    ClaimTest(ALL, "all", "Does every one of the tests inside hold?"),
)

#: Every test of a claim by its name.
CLAIM_TESTS: dict[str, ClaimTest] = {test.name: test for test in _TESTS}

#: What the column `truth` of `misreported.csv` may look up.
LOOKUPS: dict[str, ClaimTest] = {
    test.name: test
    for test in (
        ClaimTest(
            "contrast",
            "lookup",
            "A reported comparison: its estimate with the interval.",
            (_STUDY, _OUTCOME, _TIME, _TREATMENT),
            ("contrasts",),
        ),
        ClaimTest("fact", "lookup", "A constant.", (Argument("fact", "fact", "the fact"),)),
        ClaimTest("form_of", "lookup", "The form that a study gave.", (_STUDY,)),
        ClaimTest("design_of", "lookup", "The design of a study.", (_STUDY,)),
        ClaimTest(
            "share_in",
            "lookup",
            "How much of a compound is the element, worked out from its formula.",
            (Argument("form", "form", "the compound"),),
        ),
    )
}
