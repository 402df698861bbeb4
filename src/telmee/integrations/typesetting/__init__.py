"""Documents on paper: facts and a template in, a PDF that can be read aloud out.

The templates are Typst and hold no words: what is said comes in with the facts, in the language of
the reader. A PDF is PDF/UA-1, so tagged: a heading is a heading, and a cell knows its heading.
"""

from telmee.integrations.typesetting.pdf import pages_of, render_pdf
from telmee.integrations.typesetting.pictures import as_logo

__all__ = ["as_logo", "pages_of", "render_pdf"]
