"""Files of others, read in a process of their own with limits on memory, time and size.

A library that takes a file apart can be led to fill the memory, to work for hours or to fall over
by somebody who made the file for that. Whatever happens to it happens to a process that serves
this one file and nobody else.
"""

from telmee.integrations.apart.limits import LIMITS, Limits
from telmee.integrations.apart.parent import read_apart
from telmee.integrations.apart.plain import plain_problem, problem_of

__all__ = ["LIMITS", "Limits", "plain_problem", "problem_of", "read_apart"]
