"""The zip file that a workbook is: opened without trusting what it says about itself.

A few kilobytes can unpack to the size of a disk, a directory can list a million parts, and two
programs can see two different things in one archive. So everything is bounded before it is
read, and what is read is what every later step gets.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from xml.parsers.expat import ExpatError

from telmee.core.errors import DomainError, Problem

#: What a workbook may unpack to: some 500,000 rows of the template. More goes as CSV.
UNPACKED_MAX = 400_000_000
#: The most cells in a file, blanks between filled ones included: a full sheet of the template.
CELLS_MAX = 17_000_000
#: The most rows and columns that any spreadsheet program shows.
ROWS_MAX, COLUMNS_MAX = 1_048_576, 16_384

_PARTS_MAX = 4_000
_DIRECTORY_MAX = 2_000_000
_CHUNK = 1 << 20
#: The end record of a zip, and how far from the end of the file it may stand.
_END_SIGN, _END_SIZE, _COMMENT_MAX = b"PK\x05\x06", 22, 65_535
#: What stands right before the end record of a zip of the 64-bit kind.
_ZIP64_SIGN, _ZIP64_SIZE = b"PK\x06\x07", 20

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")

#: All that zipfile, zlib, expat and Python's own conversions raise on hostile input.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    ExpatError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


def refusal(code: str, **params: str | int) -> DomainError:
    """Make the error of a file that cannot be read at all."""
    return DomainError(Problem(code, params=params))


@contextmanager
def refused_when_broken() -> Iterator[None]:
    """Turn what the libraries raise on a damaged file into `broken_workbook`.

    The cause is cut off: its text may hold what is in a cell.
    """
    try:
        yield
    except _BROKEN:
        raise refusal("broken_workbook") from None
    except MemoryError:
        raise refusal("file_too_heavy") from None


class Package:
    """The parts of a zip file, each at most once, none larger than allowed."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the directory; raises a `DomainError` or one of zipfile's errors."""
        _require_modest_directory(file)
        self._zip = zipfile.ZipFile(file)
        self._infos = {info.filename: info for info in self._zip.infolist()}
        if len({name.casefold() for name in self._infos}) < len(self._zip.infolist()):
            raise refusal("broken_workbook")
        if any(info.flag_bits & 1 for info in self._infos.values()):
            raise refusal("encrypted_workbook")
        if self.unpacked > UNPACKED_MAX:
            raise refusal("file_too_large")

    def close(self) -> None:
        """Let go of the file; it stays open."""
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        """Whether there is a part of this name; programs differ in their capitals."""
        return name.casefold() in map(str.casefold, self._infos)

    def has_part_called(self, name: str) -> bool:
        """Whether a part has this name in any folder."""
        return any(one.casefold().rpartition("/")[2] == name for one in self._infos)

    @property
    def unpacked(self) -> int:
        """How many bytes all parts are together, as the directory says and reading holds it to."""
        return sum(info.file_size for info in self._infos.values())

    def names(self) -> tuple[str, ...]:
        """List the parts in the order of the directory."""
        return tuple(self._infos)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack a part piece by piece, never more than its directory entry says."""
        with self._opened(name) as part:
            while chunk := part.read(_CHUNK):
                yield chunk

    def read(self, name: str) -> bytes:
        """Unpack a part."""
        with self._opened(name) as part:
            # With its size, because a bare read() would unpack two gigabytes at once if it could.
            return part.read(self._infos[name].file_size)

    def xml(self, name: str) -> bytes:
        """Unpack a part that is XML, in the one encoding that spreadsheet programs write."""
        xml = self.read(name)
        if xml.startswith(_UTF16):
            raise refusal("broken_workbook")  # a search for a word would not see it
        return xml

    def _opened(self, name: str) -> IO[bytes]:
        """Open a part that is packed in one of the two usual ways; others know no bounds."""
        info = self._infos[name]
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refusal("broken_workbook")
        return self._zip.open(info)


def _require_modest_directory(file: IO[bytes]) -> None:
    """Refuse a directory that would fill the memory before anything else is known.

    A zip of the 64-bit kind is refused too: a workbook of that size is too large anyway.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _COMMENT_MAX - _END_SIZE - _ZIP64_SIZE))
    tail = file.read()
    place = tail.rfind(_END_SIGN)
    if place < 0 or tail[max(0, place - _ZIP64_SIZE) :].startswith(_ZIP64_SIGN):
        raise refusal("broken_workbook")
    parts, directory = struct.unpack_from("<HI", tail, place + 10)
    if parts > _PARTS_MAX or directory > _DIRECTORY_MAX:
        raise refusal("broken_workbook")
    file.seek(0)
