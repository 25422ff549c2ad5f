"""Two-by-two tables in which one person's outcome after the other is another.

References
----------
Walsh M, Srinathan SK, McAuley DF, et al. (2014). The statistical significance of randomized
controlled trial results is frequently fragile: a case for a Fragility Index. Journal of
Clinical Epidemiology 67:622-628.
Khan MS, Fonarow GC, Friede T, et al. (2020). Application of the reverse fragility index to
statistically nonsignificant randomized clinical trial results. JAMA Network Open 3:e2012469.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["change_outcomes", "group_with_smaller_risk"]

#: Events of the treatment group, its people, events of the control group, its people.
Counts = tuple[int, int, int, int]


def group_with_smaller_risk(counts: Counts) -> int:
    """Return 0 where the treatment group has the smaller risk, or both one risk; 1 otherwise.

    In groups of one size it is the one with the fewest events.

    Parameters
    ----------
    counts
        Events and people of the treatment group, then of the control group.
    """
    a, n1, c, n2 = counts
    return 0 if a * n2 <= c * n1 else 1


def change_outcomes(
    counts: Counts, *, group: int, together: bool
) -> Iterator[tuple[int, int, Counts]]:
    """Yield which group changes, by how many events, and the counts then, one person a step.

    To bring the groups together the group gains events (Walsh and others 2014). To take them
    apart it loses them (Khan and others 2020), and when it has none left the other one gains.

    Parameters
    ----------
    counts
        Events and people of the treatment group, then of the control group.
    group
        The group with the smaller risk: 0 for treatment, 1 for control.
    together
        Whether to bring the risks together, or to take them apart.
    """
    events, people = [counts[0], counts[2]], [counts[1], counts[3]]
    while True:
        changing, change = group, 1
        if not together:
            changing, change = (group, -1) if events[group] > 0 else (1 - group, 1)
        if change > 0 and events[changing] == people[changing]:
            return
        events[changing] += change
        yield changing, change, (events[0], people[0], events[1], people[1])
