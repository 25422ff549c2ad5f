"""Claims by verdict: a mark for each claim, in a row for each verdict, by article."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from evidence.display import capital, join_words, plural
from evidence.judgement.claims import VERDICTS, ClaimAudit
from evidence.plots.lettering import drawable, one_line, width, wrap
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BLUE, FONT, GREY, INK, ORANGE, PAPER, RULE, SMALL, YELLOW, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["claims_by_verdict"]

_ROW, _LINE, _HEAD, _GAP, _AFTER = 0.25, 0.15, 0.3, 0.16, 0.07
#: Widths of the names of verdicts and of the marks, inches, the preferred one first.
_WIDTHS = ((2.6, 3.8), (1.7, 2.6), (1.2, 1.8))
#: The widest room that a mark takes, and the narrowest that holds its sign.
_MARK, _SIGNED = 0.2, 0.13
#: Fill and ink of each verdict's mark, in the order of `VERDICTS`: the sign alone suffices.
_LOOKS = (
    (BLUE, PAPER),
    (PAPER, BLUE),
    (YELLOW, INK),
    (PAPER, ORANGE),
    (ORANGE, PAPER),
    (PAPER, GREY),
)


@dataclass(frozen=True)
class _Plan:
    """Where everything stands, measured in inches before anything is drawn."""

    audit: ClaimAudit
    label_width: float
    marks_width: float

    @cached_property
    def articles(self) -> tuple[tuple[str, str], ...]:
        """Each article with its heading."""
        return tuple(
            (article, wrap(drawable(self._heading(article, name)), 0.93 * self._inside))
            for article, name in self.audit.articles.items()
        )

    def _heading(self, article: str, name: str) -> str:
        count = sum(self.audit.count(verdict, article) for verdict in VERDICTS)
        return f"{name or 'An article'}: {plural(count, 'claim')}"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The names of the verdicts, broken into lines."""
        return tuple(
            wrap(f"{sign} {verdict}", self.label_width) for verdict, sign in VERDICTS.items()
        )

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of the row of each verdict."""
        return tuple(_ROW + _LINE * label.count("\n") for label in self.labels)

    @cached_property
    def most(self) -> int:
        """The most claims in a row."""
        articles = self.audit.articles
        return max(self.audit.count(v, article) for v in VERDICTS for article in articles)

    @cached_property
    def step(self) -> float:
        """Room for one mark."""
        return min(_MARK, self.marks_width / max(self.most, 1))

    @cached_property
    def left(self) -> float:
        """Where the marks begin."""
        return MARGIN + max(map(width, self.labels)) + _GAP

    @cached_property
    def edge(self) -> float:
        """Right edge of the counts."""
        counts = width(f"{self.most}")
        return self.left + self.step * max(self.most, 8) + _GAP + counts

    @property
    def _inside(self) -> float:
        return self.edge - MARGIN

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.edge + MARGIN

    @cached_property
    def title(self) -> str:
        """What the figure shows, broken into lines."""
        return wrap(drawable(_title(self.audit)), 0.88 * self._inside, FONT + 1)

    @cached_property
    def note(self) -> str:
        """What a mark is."""
        return wrap("A mark is one claim; the number is how many.", 0.93 * self._inside, SMALL)

    @cached_property
    def above(self) -> float:
        """Height of the title."""
        return MARGIN + 0.19 * (1 + self.title.count("\n")) + 0.06

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        heads = sum(_HEAD + _LINE * head.count("\n") for _, head in self.articles)
        below = 0.06 + 0.14 * (1 + self.note.count("\n"))
        rows = len(self.articles) * (sum(self.heights) + _AFTER)
        return self.above + heads + rows + below + MARGIN


def claims_by_verdict(audit: ClaimAudit, ax: Axes | None = None) -> Axes:
    """Draw how many claims of each article have which verdict, a mark for each claim.

    Every mark carries the sign of its verdict, so that no colour is needed to tell them apart.

    Parameters
    ----------
    audit
        From `evidence.audit_claims`.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.

    Returns
    -------
    Axes
        The axes; `evidence.plots.alt_text` has their text. Without claims, a sentence stands in
        place of the figure.
    """
    if not len(audit):
        return notice(audit.summary(), ax, title="Claims by verdict")
    sheet, plan = open_sheet(ax, [partial(_Plan, audit, *widths) for widths in _WIDTHS])
    with plain():
        _draw(sheet, plan)
    axes: Axes = sheet.axes
    describe(axes, _in_words(audit))
    return axes


def _draw(sheet: Sheet, plan: _Plan) -> None:
    sheet.write(MARGIN, sheet.height - MARGIN, plan.title, size=FONT + 1, bold=True, va="top")
    top = sheet.height - plan.above
    for article, head in plan.articles:
        sheet.rule((MARGIN, plan.edge), top, RULE)
        sheet.write(MARGIN, top - 0.07, head, color=GREY, va="top")
        top -= _HEAD + _LINE * head.count("\n")
        for verdict, label, height, look in zip(
            VERDICTS, plan.labels, plan.heights, _LOOKS, strict=True
        ):
            y = top - height / 2
            count = plan.audit.count(verdict, article)
            sheet.write(MARGIN, y, label)
            _marks(sheet, plan, y, count, VERDICTS[verdict], look)
            sheet.write(plan.edge, y, f"{count}", ha="right")
            top -= height
        top -= _AFTER
    sheet.write(MARGIN, top - 0.06, plan.note, size=SMALL, color=GREY, va="top")


def _marks(
    sheet: Sheet, plan: _Plan, y: float, count: int, sign: str, look: tuple[str, str]
) -> None:
    if not count:
        return
    fill, ink = look
    places = [plan.left + plan.step * (i + 0.5) for i in range(count)]
    size = 0.82 * 72 * plan.step * sheet.scale
    sheet.axes.plot(
        places, [y] * count, "s", ms=size, mfc=fill, mec=INK if fill != PAPER else ink,
        mew=min(0.8, 6 * plan.step) * sheet.scale, ls="none", zorder=3,
    )  # fmt: skip
    if plan.step >= _SIGNED:
        for x in places:
            sheet.write(
                x, y - 0.005, sign, size=FONT * plan.step / _MARK, bold=True, color=ink,
                ha="center", va="center_baseline", zorder=4,
            )  # fmt: skip


def _title(audit: ClaimAudit) -> str:
    first, *_ = VERDICTS
    count = audit.count(first)
    articles = plural(len(audit.articles), "article")
    verb = "is" if count == 1 else "are"
    return (
        f"{capital(plural(len(audit), 'claim'))} of {articles}: {plural(count, verb, verb)} {first}"
    )


def _in_words(audit: ClaimAudit) -> str:
    """Return the figure in sentences."""
    parts = [f"{_title(audit)}."]
    for article, name in audit.articles.items():
        told = [f"{audit.count(verdict, article)} {verdict}" for verdict in VERDICTS]
        parts.append(f"{name}: {join_words(told)}.")
    return one_line(" ".join(parts))
