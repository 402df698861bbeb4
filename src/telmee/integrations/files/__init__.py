"""Files out: whole or not at all."""

from telmee.integrations.files.whole import whole_file

__all__ = ["whole_file"]
