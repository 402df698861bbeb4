"""Scheme files on disk: find, read, check and load them.

The folder is `schemes/` of this installation, or `TELMEE_SCHEMES`. A scheme lives in
`<folder>/<id>/<version>.toml`; its shape is `<installation>/schemes/schema.json`.
"""

from telmee.integrations.scheme_files.files import (
    check_scheme_file,
    load_scheme,
    load_scheme_file,
    load_scheme_text,
    scheme_ids,
    scheme_text,
    scheme_versions,
    schemes_folder,
)
from telmee.integrations.scheme_files.following import (
    Published,
    published_of,
    successor_among,
)

__all__ = [
    "Published",
    "check_scheme_file",
    "load_scheme",
    "load_scheme_file",
    "load_scheme_text",
    "published_of",
    "scheme_ids",
    "scheme_text",
    "scheme_versions",
    "schemes_folder",
    "successor_among",
]
