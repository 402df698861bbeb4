"""Files on disk: one that is written is there whole or not at all (`whole`).

What people hand over is kept under a name that says nothing (`private`).
"""

from telmee.integrations.files.whole import whole_file

__all__ = ["whole_file"]
