"""Files that people hand over as proof: searched for a BSN, and rid of what a camera writes.

A file is searched in a process of its own (`telmee.integrations.apart`); nothing of its text comes
back, only what was found and whether all of it could be read.
"""

from telmee.integrations.evidence.photos import search_photo
from telmee.integrations.evidence.pictures import NoPicture, without_metadata
from telmee.integrations.evidence.searching import Searched, search_file

__all__ = ["NoPicture", "Searched", "search_file", "search_photo", "without_metadata"]
