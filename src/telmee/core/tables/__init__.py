"""Tables: what columns a file or a form has, and how the cells of a table are read.

`columns` says what a column is and `contribution_columns` which ones a line of effort has; reading
a file, forms, the template and the documents follow from these. The other modules read any table by
its columns, and know nothing of effort. Reading knows no scheme: keys of a scheme stay text here.
"""
