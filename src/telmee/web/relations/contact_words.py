"""The words of keeping in touch."""

from __future__ import annotations

from collections.abc import Mapping

from telmee.apps.relations.choices import ConversationKind
from telmee.web.language import Words

KINDS: Mapping[str, Words] = dict(ConversationKind.choices)
