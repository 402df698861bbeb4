"""What clients published about their own results: shown beside what is invented, and told apart."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "published.toml"


def published_results() -> list[dict[str, Any]]:
    """Give the series of results, each with its source; none of it comes out of the books."""
    with _FILE.open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["results"]
    return found
