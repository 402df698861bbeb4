"""The rules of social return: pure functions over plain values and columns.

Nothing here knows of a file, a database, a clock or a language; that is what makes a figure
reproducible anywhere. Only the standard library and NumPy are imported (docs/decisions/0008).
"""
