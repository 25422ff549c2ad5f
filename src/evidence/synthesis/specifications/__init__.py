"""Every defensible analysis of one question: the decisions, their options, all results.

A review and an outcome enter; the results under every combination of decisions leave, with the
plan's own marked. Nothing here chooses among them.
"""
