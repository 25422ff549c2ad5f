"""Small-study effects: whether small studies say something else than large ones.

Effects with their variances, or counts, enter; checks leave, each with a status, one sentence, a
table and a reference. Where studies are too few or of one size, a check says that it can say
nothing, and where to look instead.
"""
