"""The words that results are put into, one file for each language.

`english` holds every phrase of GRADE's statements, of verdicts and of `evidence.narrate`: plain
strings with named places, and tables of words. The code that fills them in stands elsewhere and
has no words of its own.

To add another language, copy `english.py` to a file named after it, translate the values (not
the names, and not what stands in braces), and import that file in place of `english` in
`evidence.judgement.phrases` and `evidence.judgement.narrators`. How numbers, lists and plurals
are written is decided in `evidence.display`. What results say of themselves in `summary()` is
for analysts and stays in English.
"""
