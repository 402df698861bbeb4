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

__all__ = [
    "check_scheme_file",
    "load_scheme",
    "load_scheme_file",
    "load_scheme_text",
    "scheme_ids",
    "scheme_text",
    "scheme_versions",
    "schemes_folder",
]
