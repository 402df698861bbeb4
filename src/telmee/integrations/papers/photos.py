"""Search a photo for a BSN by recognising the text in it, where an operator installed what can.

The library is RapidOCR (Apache-2.0), whose models come in its wheel, so that nothing is fetched and
no photo goes anywhere. With OpenCV and ONNX Runtime it takes 350 MB, and not every machine that
Telmee runs on has wheels of those; so it is no part of Telmee's own libraries, and stands in a
folder of its own.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.papers.searching import holds_bsn

_MEBIBYTE = 1 << 20
#: The models take half of this; a photo of a telephone takes four seconds of a quiet processor.
_LIMITS = Limits(memory=3072 * _MEBIBYTE, cpu_seconds=90, seconds=180)
#: One thread: the process may start none.
_ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def search_photo(path: Path, library: Path) -> bool:
    """Whether the text in a photo holds a BSN, apart.

    Raises `file_too_heavy` for a photo that takes more than a reading may cost.
    """
    return bool(read_apart(search_photo_there, path, str(library), limits=_LIMITS))


def search_photo_there(path: Path, library: str) -> bool:
    """Search a photo in the process that reads, with the library of this folder."""
    sys.path.append(library)
    reader: Any = import_module("rapidocr").RapidOCR(params=_ONE_THREAD)
    lines = reader(str(path)).txts or ()
    # A number may be broken over two boxes that stand beside each other.
    return any(map(holds_bsn, [*lines, " ".join(lines)]))
