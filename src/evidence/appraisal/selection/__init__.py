"""How much the choice of what gets published may have made of a pooled effect.

Effects with their variances, or a pooled result, enter; checks leave, each with a status, a
sentence, a table and a reference.
"""
