"""How much of a pooled result hangs on single studies and on their order.

A `PooledResult` enters, as `evidence.synthesis.pool` returns it; frozen results with one row a
study leave: how each study pulls the mean (`influence`, `baujat`), how the mean came to be as
studies were added (`cumulative`), and what each study's own effect is once it borrows from the
others (`shrinkage`). Refits run through the compiled batch kernels, by the result's own method.
"""
