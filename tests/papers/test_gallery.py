"""The gallery as a whole: every paper holds, and each has a test of its own."""

from __future__ import annotations

from pathlib import Path

from evidence.living.reproductions import reproduction_gallery

HERE = Path(__file__).parent
GALLERY = reproduction_gallery()


def test_every_paper_holds() -> None:
    assert [each.paper.name for each in GALLERY.unexplained] == []
    assert GALLERY.holds


def test_there_are_enough_papers() -> None:
    assert len(GALLERY.reproductions) >= 10
    kinds = {each.kind for r in GALLERY.reproductions for each in r.paper.analyses}
    assert {"random effects", "common effect", "Mantel-Haenszel", "Peto", "Bayesian"} <= kinds


def test_most_printed_numbers_agree() -> None:
    table = GALLERY.to_frame()
    assert (table["agreeing"] >= table["differing"]).all()
    assert table["agreeing"].sum() > 3 * table["differing"].sum()


def test_every_paper_has_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    assert [r.paper.name for r in GALLERY.reproductions if f'"{r.paper.name}"' not in tests] == []
