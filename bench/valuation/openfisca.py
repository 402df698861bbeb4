"""Make OpenFisca an environment of its own, and talk to the process that runs in it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from bench.valuation.batches import Batch
from telmee.core.periods import NO_DAY

_HERE = Path(__file__).parent
_LOCK = _HERE / "requirements-openfisca.txt"
_CACHE = _HERE.parent / ".cache"
_FAR = 100_000


def environment() -> Path:
    """The Python of the environment, made at first use and again when the lock changes."""
    stamp = hashlib.sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = _CACHE / f"openfisca-{stamp}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print("making an environment for OpenFisca, once", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        install = ["-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run([python, "-I", *install, "-r", _LOCK], check=True, stdout=sys.stderr)
        (folder / "complete").touch()
    return python


class OpenFisca:
    """A process that holds the columns of a batch and values them when asked."""

    def __init__(self, batch: Batch, *, by_hand: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory()
        source, self._target = (Path(self._folder.name) / name for name in ("in.npz", "out.npy"))
        columns: dict[str, Any] = _columns(batch)
        np.savez(source, **columns)
        script = _HERE / "openfisca_rule.py"
        self._process = subprocess.Popen(
            [environment(), "-I", script, source, self._target, "by_hand" if by_hand else ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def __call__(self) -> float:
        """Value once; give the seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        return float(self._answer())

    def cents(self) -> npt.NDArray[np.int64]:
        """Stop, and give the last values rounded to cents."""
        self._process.communicate()
        euros = np.load(self._target).astype(np.float64)
        rounded: npt.NDArray[np.int64] = np.floor(euros * 100 + 0.5).astype(np.int64)
        return rounded

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("OpenFisca stopped")
        return answer


def _columns(batch: Batch) -> dict[str, npt.NDArray[Any]]:
    """The columns of a batch as OpenFisca takes them: dates, floats and booleans."""
    scheme, lines = batch.scheme, batch.lines
    claims = np.array(
        [[*(b.key in c.split(",") for b in scheme.bonuses)] for c in (*lines.bonuses.names, "")]
    )
    last = np.where(lines.contract_end == NO_DAY, _FAR, lines.contract_end)
    days = {"begin": lines.begin, "end": lines.end, "contract_begin": lines.contract_begin}
    return {
        "block_keys": np.array([block.key for block in scheme.blocks]),
        "block_euros": np.array([(block.amount_cents or 0) / 100 for block in scheme.blocks]),
        "bonus_keys": np.array([bonus.key for bonus in scheme.bonuses]),
        "bonus_euros": np.array([(bonus.amount_cents or 0) / 100 for bonus in scheme.bonuses]),
        "full_time": np.array((scheme.weekly_hours or 0) / 100),
        "block": lines.block.codes,
        **{name: day.astype("M8[D]") for name, day in {**days, "contract_end": last}.items()},
        "weekly_hours": lines.weekly_hours / 100,
        **{
            f"claims_{bonus.key}": claims[lines.bonuses.codes, n]
            for n, bonus in enumerate(scheme.bonuses)
        },
    }
