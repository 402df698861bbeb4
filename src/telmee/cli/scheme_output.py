"""Schemes written for people: the list, and the page of one scheme."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from telmee.cli.table import table
from telmee.core.schemes.model import Block, Bonus, Note, Scheme
from telmee.core.schemes.secondary import has_secondary_amounts
from telmee.texts import Language, day, phrase
from telmee.texts.scheme_words import (
    answers,
    bonus_blocks,
    bonus_worth,
    certificate_worth,
    clients_text,
    counting_rules,
    details,
    due,
    limit,
    notes_of,
    owed_sentences,
    rule_name,
    sanction_text,
    warnings_of,
    with_reader,
    worth,
)

#: How wide a page is: what fits on a laptop and on paper.
WIDTH = 100


def as_list(schemes: Sequence[Scheme], language: Language) -> str:
    """List schemes: id, version, publisher, and what each can answer."""
    headings = [phrase(f"schemes.{name}", language) for name in ("id", "version", "publisher")]
    headings += [phrase(f"schemes.{name}", language) for name in ("blocks", "bonuses", "answers")]
    rows = [
        [
            scheme.id,
            scheme.version,
            scheme.publisher,
            str(len(scheme.blocks)),
            str(len(scheme.bonuses)),
            _answers(scheme, language),
        ]
        for scheme in schemes
    ]
    return table(headings, rows, {3, 4}, width=120)


def _answers(scheme: Scheme, language: Language) -> str:
    codes = [f"schemes.answers.{answers(scheme)}"]
    codes += ["schemes.secondary"] if has_secondary_amounts(scheme) else []
    return " ".join(phrase(code, language) for code in codes)


def as_page(scheme: Scheme, language: Language) -> str:
    """Write one scheme as a page: what counts, what is owed, what is assumed, what is not known."""
    sections = (
        _head(scheme, language),
        _blocks(scheme, language),
        _block_details(scheme, language),
        _bonuses(scheme, language),
        _certificates(scheme, language),
        _counting(scheme, language),
        _owed(scheme, language),
        _times(scheme, language),
        _sanctions(scheme, language),
        _notes(scheme, language),
        _assumed(scheme, language),
        _gaps(scheme, language),
        _sources(scheme, language),
    )
    return "\n\n".join("\n".join(map(_wrapped, lines)) for lines in map(list, sections) if lines)


def _wrapped(line: str) -> str:
    """Break a long sentence of the page; tables and titles have lines of their own."""
    if "\n" in line:
        return line
    indent = "  " if line.startswith("- ") else "      " if line.startswith("    ") else ""
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def _head(scheme: Scheme, language: Language) -> Iterator[str]:
    yield scheme.title.in_language(language)
    yield f"{scheme.publisher} · {scheme.id} · {scheme.version}"
    yield from warnings_of(scheme, language)
    yield clients_text(scheme, language)
    for name in ("valid_from", "valid_to", "retroactive_to"):
        value = getattr(scheme, name)
        if value is not None:
            yield phrase(f"page.{name}", language, date=day(value, language))
    if scheme.selected_by:
        yield phrase(f"page.selected_by.{scheme.selected_by}", language)
    if scheme.version_note:
        yield scheme.version_note.in_language(language)


def _title(code: str, language: Language) -> str:
    title = phrase(code, language)
    return f"{title}\n{'=' * len(title)}"


def _blocks(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.blocks:
        return
    yield _title("page.blocks", language)
    headings = [phrase(f"page.{name}", language) for name in ("what", "key", "worth", "counts")]
    rows = [
        [
            block.label.in_language(language),
            block.key,
            worth(block, scheme, language),
            limit(block, language),
        ]
        for block in scheme.blocks
    ]
    yield table(headings, rows, set(), width=WIDTH)


def _block_details(scheme: Scheme, language: Language) -> Iterator[str]:
    """For whom each row is, under which conditions, and with what evidence."""
    of_blocks = [_indented(block, language) for block in scheme.blocks]
    if not any(of_blocks):
        return
    yield _title("page.block_details", language)
    several = len(of_blocks) > 1
    shared = [
        line
        for line in of_blocks[0]
        if several and all(line in own_lines for own_lines in of_blocks)
    ]
    if shared:
        yield "- " + phrase("page.every_row", language)
        yield from shared
    for block, own_lines in zip(scheme.blocks, of_blocks, strict=True):
        own = [line for line in own_lines if line not in shared]
        if own:
            yield f"- {block.label.in_language(language)}"
            yield from own


def _indented(row: Block | Bonus, language: Language) -> list[str]:
    return [f"    {line}" for line in details(row, language)]


def _bonuses(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.bonuses:
        return
    yield _title("page.bonuses", language)
    headings = [phrase(f"page.{name}", language) for name in ("what", "key", "worth", "with")]
    rows = [_bonus_row(scheme, bonus, language) for bonus in scheme.bonuses]
    yield table(headings, rows, set(), width=WIDTH)
    told_of = [(bonus, _indented(bonus, language)) for bonus in scheme.bonuses]
    if any(lines for _, lines in told_of):
        yield ""
    for bonus, lines in told_of:
        if lines:
            yield f"- {bonus.label.in_language(language)}"
            yield from lines


def _certificates(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.certificates:
        return
    yield _title("page.certificates", language)
    for certificate in scheme.certificates:
        part = certificate_worth(certificate, scheme, language)
        yield f"- {certificate.label.in_language(language)} ({certificate.key}): {part}"


def _bonus_row(scheme: Scheme, bonus: Bonus, language: Language) -> list[str]:
    return [
        bonus.label.in_language(language),
        bonus.key,
        bonus_worth(bonus, language),
        bonus_blocks(bonus, scheme, language),
    ]


def _counting(scheme: Scheme, language: Language) -> Iterator[str]:
    sentences = [*counting_rules(scheme, language)]
    if sentences:
        yield _title("page.counting", language)
        yield from (f"- {line}" for line in sentences)


def _owed(scheme: Scheme, language: Language) -> Iterator[str]:
    rules = scheme.obligation
    if not (rules.percentages or rules.thresholds or rules.cap_cents or rules.notes):
        return
    yield _title("page.owed", language)
    yield from (f"- {sentence}" for sentence in owed_sentences(scheme, language))


def _times(scheme: Scheme, language: Language) -> Iterator[str]:
    deadlines = scheme.obligation.deadlines
    if deadlines:
        yield _title("page.deadlines", language)
    for deadline in deadlines:
        note = f" · {deadline.note.in_language(language)}" if deadline.note else ""
        said = f"{deadline.what.in_language(language)}: {due(deadline, language)}{note}"
        yield f"- {with_reader(said, deadline.source, scheme, language)}"


def _sanctions(scheme: Scheme, language: Language) -> Iterator[str]:
    sanctions = scheme.obligation.sanctions
    if sanctions:
        yield _title("page.sanctions", language)
    for sanction in sanctions:
        said = sanction_text(sanction, language)
        yield f"- {with_reader(said, sanction.source, scheme, language)}"


def _notes(scheme: Scheme, language: Language) -> Iterator[str]:
    notes = notes_of(scheme)
    if notes:
        yield _title("page.notes", language)
        yield from _bullets(notes, language)


def _bullets(notes: Sequence[Note], language: Language) -> Iterator[str]:
    return (f"- {note.text.in_language(language)}" for note in notes)


def _assumed(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.assumed:
        yield _title("page.assumed", language)
        for path, reason in scheme.assumed.items():
            name = rule_name(path, scheme, language)
            label = name if name == path else f"{name} ({path})"
            yield f"- {label}: {reason.in_language(language)}"


def _gaps(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.gaps:
        yield _title("page.gaps", language)
        yield from (f"- {gap.in_language(language)}" for gap in scheme.gaps)


def _sources(scheme: Scheme, language: Language) -> Iterator[str]:
    yield _title("page.sources", language)
    for source in scheme.sources.values():
        dated = phrase(f"read.{source.read}", language)
        says = f" · {source.says.in_language(language)}" if source.says else ""
        yield f"- {source.url} ({dated}){says}"
