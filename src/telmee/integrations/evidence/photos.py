"""Search photos and scans for a BSN by their text, where an operator installed what can.

The library is RapidOCR (Apache-2.0), whose models come in its wheel, so that nothing is fetched and
no photo goes anywhere. With OpenCV and ONNX Runtime it takes 350 MB, and not every machine that
Telmee runs on has wheels of those; so it is no part of Telmee's own libraries, and stands in a
folder of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.evidence.searching import Searched, holds_bsn

_MEBIBYTE = 1 << 20
#: The models take half of this; a photo of a telephone takes four seconds of a quiet processor.
_LIMITS = Limits(memory=3072 * _MEBIBYTE, cpu_seconds=90, seconds=180)
#: After so many seconds no other picture of a PDF is begun; one takes seven at most.
_ENOUGH_SECONDS = 75
#: A PDF says so within its first bytes, not always at the first.
_HEAD_BYTES = 1024
#: One thread: the process may start none.
_ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def search_photo(path: Path, library: Path) -> Searched:
    """Search the text in a photo, or in the pictures of a PDF, apart.

    Raises `file_too_heavy` for a photo that takes more than a reading may cost.
    """
    return Searched(*map(bool, read_apart(search_photo_there, path, str(library), limits=_LIMITS)))


def search_photo_there(path: Path, library: str) -> tuple[bool, bool]:
    """Search a photo in the process that reads, with the library of this folder.

    Whether there is a BSN, and whether all was searched: the pictures of a long PDF are, as far as
    the time goes.
    """
    sys.path.append(library)
    reader: Any = import_module("rapidocr").RapidOCR(params=_ONE_THREAD)
    with path.open("rb") as file:
        is_pdf = b"%PDF" in file.read(_HEAD_BYTES)
    is_whole = True
    for picture in _pictures_of(path) if is_pdf else [str(path)]:
        if picture is None or process_time() > _ENOUGH_SECONDS:
            is_whole = False
            continue
        lines = reader(picture).txts or ()
        # A number may be broken over two boxes that stand beside each other.
        if any(map(holds_bsn, [*lines, " ".join(lines)])):
            return True, is_whole
    return False, is_whole


def _pictures_of(path: Path) -> Iterator[Any]:
    """The pictures in a PDF; the library that takes one apart is loaded for nothing else."""
    from telmee.integrations.evidence.scans import pictures_of  # noqa: PLC0415 - as it says above

    return pictures_of(path)
