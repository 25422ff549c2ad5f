"""How fragile a pooled number is: what it hangs on, and what it would take to change it.

Pooled results enter; influence, subsets, permutations, bootstrap samples, likelihood profiles
and tipping points leave. Whether a result is to be believed is not said here.
"""
