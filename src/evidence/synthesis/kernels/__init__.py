"""Compiled code: one implementation of each iterative estimator, for one fit and for many.

Arrays enter and numbers leave; nothing is checked here. `sums` has what the estimators are made
of, `estimators` finds tau², `batches` runs both over many analyses. Loading this costs the time
that numba takes to load, so `evidence.synthesis` imports it when a fit is asked for.
"""
