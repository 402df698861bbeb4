"""The kinds of arrays that the engine works with."""

import numpy as np
import numpy.typing as npt

#: Cents, and other numbers that are multiplied: exact up to 2**63.
Ints = npt.NDArray[np.int64]
#: Days, months and numbers of things.
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
#: Positions of lines, in any order.
Lines = npt.NDArray[np.intp]
