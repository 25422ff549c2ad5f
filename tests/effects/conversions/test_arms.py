"""Groups combined, split and taken apart: people themselves are the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.effects.conversions.arms import (
    combine_counts,
    combine_groups,
    remove_group,
    split_shared_group,
)
from evidence.errors import InvalidArgumentError

groups_of_people = st.lists(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12), min_size=2, max_size=5
)


def summaries(groups: list[list[float]]) -> dict[str, list[float]]:
    return {
        "n": [len(group) for group in groups],
        "mean": [float(np.mean(group)) for group in groups],
        "sd": [float(np.std(group, ddof=1)) if len(group) > 1 else 0.0 for group in groups],
    }


@given(groups_of_people)
def test_combining_is_exact(groups: list[list[float]]) -> None:
    people = np.concatenate(groups)
    found = combine_groups(**summaries(groups))
    assert found.n[0] == people.size
    assert_allclose(found.mean, people.mean(), atol=1e-9)
    assert_allclose(found.sd, people.std(ddof=1), rtol=1e-7, atol=1e-6)


@given(groups_of_people, st.randoms())
def test_order_and_steps_do_not_matter(groups: list[list[float]], random: object) -> None:
    whole = combine_groups(**summaries(groups))
    shuffled = list(groups)
    random.shuffle(shuffled)
    again = combine_groups(**summaries(shuffled))
    assert_allclose((again.mean, again.sd), (whole.mean, whole.sd), rtol=1e-9, atol=1e-7)
    first = combine_groups(**summaries(groups[:2]))
    if len(groups) > 2:
        rest = summaries(groups[2:])
        stepped = combine_groups(
            n=[float(first.n[0]), *rest["n"]],
            mean=[float(first.mean[0]), *rest["mean"]],
            sd=[float(first.sd[0]), *rest["sd"]],
        )
        assert_allclose((stepped.mean, stepped.sd), (whole.mean, whole.sd), rtol=1e-9, atol=1e-7)


def test_means_far_from_0_keep_their_digits() -> None:
    near = combine_groups(n=[10, 12], mean=[1.0, 2.0], sd=[1.0, 1.5])
    far = combine_groups(n=[10, 12], mean=[1e9 + 1.0, 1e9 + 2.0], sd=[1.0, 1.5])
    assert_allclose(far.sd, near.sd, rtol=1e-13)


def test_the_example_of_a_stata_module() -> None:
    # 50 people 26.5 (4.5) and 50 people 32.9 (5.8), by hand: within 49 x (4.5² + 5.8²), between
    # 25 x 6.4², over 99
    found = combine_groups(n=[50, 50], mean=[26.5, 32.9], sd=[4.5, 5.8])
    assert_allclose(found.mean, 29.7)
    assert_allclose(found.sd, ((49 * (4.5**2 + 5.8**2) + 25 * 6.4**2) / 99) ** 0.5, rtol=1e-14)


def test_studies_in_columns() -> None:
    found = combine_groups(n=[[50, 3], [50, 4]], mean=[[1, 2], [3, 2]], sd=[[1, 1], [1, 2]])
    alone = combine_groups(n=[3, 4], mean=[2, 2], sd=[1, 2])
    assert len(found) == 2
    assert_allclose(found.sd[1], alone.sd[0])


def test_counts_add_up() -> None:
    found = combine_counts(events=[3, [4, 5]], total=[10, 20])
    assert_allclose(found.events, [7, 8])
    assert_allclose(found.n, [30, 30])
    assert list(found.to_frame()) == ["n", "events"]
    assert "two groups combined" in found.summary()


@given(groups_of_people)
def test_taking_a_group_out_is_the_inverse(groups: list[list[float]]) -> None:
    parts = summaries(groups)
    whole = combine_groups(**parts)
    rest = remove_group(
        n_all=whole.n,
        mean_all=whole.mean,
        sd_all=whole.sd,
        n_part=parts["n"][0],
        mean_part=parts["mean"][0],
        sd_part=parts["sd"][0],
    )
    others = np.concatenate(groups[1:])
    assert rest.n[0] == others.size
    assert_allclose(rest.mean, others.mean(), atol=1e-7)
    expected = others.std(ddof=1) if others.size > 1 else 0.0
    assert_allclose(rest.sd, expected, rtol=1e-4, atol=2e-3)


def test_a_shared_group_in_equal_parts() -> None:
    found = split_shared_group(n=31, parts=2, events=5)
    assert_allclose(found.n, [15.5, 15.5])
    assert_allclose(found.events, [2.5, 2.5])
    assert [caution.code for caution in found.cautions] == ["split-group"]
    assert "15.50" in found.summary()
    assert "not whole" in str(found.to_dict()["cautions"])


def test_a_shared_group_by_weights() -> None:
    found = split_shared_group(n=30, parts=[20, 40], mean=4.0, sd=2.0)
    assert_allclose(found.n, [10, 20])
    assert_allclose(found.mean, 4)
    assert_allclose(found.sd, 2)
    assert found.cautions == ()


def test_parts_below_two_people_are_a_caution() -> None:
    found = split_shared_group(n=3, parts=2)
    assert [caution.code for caution in found.cautions] == ["split-group", "split-too-small"]


ALL = {"n_all": 50, "mean_all": 5, "sd_all": 2}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: combine_groups(n=[5], mean=[1], sd=[1]), "n holds one group"),
        (lambda: combine_groups(n=5, mean=[1, 2], sd=[1, 1]), "n holds no groups"),
        (lambda: combine_groups(n=[5, 6], mean=[1, 2, 3], sd=[1, 1]), "n 2, mean 3, sd 2"),
        (lambda: combine_groups(n=[5, 0], mean=[1, 2], sd=[1, 1]), "n of group 2 must be at least"),
        (lambda: combine_groups(n=[5, 6], mean=[1, None], sd=[1, 1]), "mean of group 2 must be a"),
        (lambda: combine_groups(n=[5, 6], mean=[1, 2], sd=[1, -1]), "sd of group 2 must be at"),
        (lambda: combine_counts(events=[3, 9], total=[4, 8]), "events of group 2 must be at most"),
        (lambda: remove_group(**ALL, n_part=50, mean_part=5, sd_part=2), "n_part must be below"),
        (lambda: remove_group(**ALL, n_part=20, mean_part=5, sd_part=9), "varies more than"),
        (lambda: remove_group(**ALL, n_part=20, mean_part=50, sd_part=2), "varies more than"),
        (lambda: split_shared_group(n=30, parts=1), "parts is 1; give the number"),
        (lambda: split_shared_group(n=30, parts=[1]), "parts holds one weight"),
        (lambda: split_shared_group(n=30, parts=[1, 0]), "parts must be above 0"),
        (lambda: split_shared_group(n=0, parts=2), "n must be at least 1"),
        (lambda: split_shared_group(n=30, parts=2, events=31), "events must be at most n"),
        (lambda: split_shared_group(n=[30, 20], parts=2), "n holds 2 values"),
        (lambda: split_shared_group(n=30, parts=True), "parts is True"),
    ],
)
def test_refusals(call: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
