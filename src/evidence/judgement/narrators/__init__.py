"""How each kind of result is told: a function each, which fills in the phrases of `language`.

A result and what is known around it enter; paragraphs leave. `evidence.judgement.narrating` has
the list of which function tells what.
"""
