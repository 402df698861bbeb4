"""What is fixed about settlements."""

from __future__ import annotations

#: The other side is told once more when its term ends within so many days.
NEAR_DAYS = 7
