"""Effects with their variances, one file a family of measures.

Arrays of arm summaries enter; `EffectSizes` leave. Formulas are those of the papers named in
each file.
"""
