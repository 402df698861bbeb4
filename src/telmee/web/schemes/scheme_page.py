"""What the scheme pages show, in the active language; the templates only lay it out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from telmee.core.obligations import Assessment, Consequence, Due, Status
from telmee.core.obligations.proportion import proportion_of
from telmee.core.schemes.compare import is_assumed
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.texts import day, phrase, step_text, sum_of
from telmee.texts import scheme_comparison as beside
from telmee.texts import scheme_words as words
from telmee.texts.meaning import meaning_of
from telmee.web.language import active

#: The values of a row that can be assumed, as the end of their path.
_OF_ROW = ("", ".amount", ".unit", ".percentage", ".max_months", ".blocks", ".group", ".day_count")
#: How far a source was read, with the look of that.
_READ = {"full": "positive", "start_only": "warning", "secondary": "warning"}


@dataclass(frozen=True, slots=True)
class SchemePage:
    """One scheme in words, section by section; an empty section is not shown."""

    scheme: Scheme

    def head(self) -> list[str]:
        """Say for whom it is, and when it holds."""
        scheme, language = self.scheme, active()
        sentences = [words.clients_text(scheme, language)]
        sentences += [
            phrase(f"page.{name}", language, date=day(date, language))
            for name in ("valid_from", "valid_to", "retroactive_to")
            if (date := getattr(scheme, name)) is not None
        ]
        if scheme.selected_by:
            sentences.append(phrase(f"page.selected_by.{scheme.selected_by}", language))
        if scheme.version_note:
            sentences.append(scheme.version_note.in_language(language))
        return sentences

    def blocks(self) -> list[dict[str, object]]:
        """The rows of the table: what effort is worth, block by block."""
        return [self._block(block) for block in self.scheme.blocks]

    def _block(self, block: Block) -> dict[str, object]:
        language = active()
        return {
            **self._row("blocks", block),
            "worth": words.worth(block, self.scheme, language),
            "counts": words.limit(block, language),
            "details": words.details(block, language),
        }

    def bonuses(self) -> list[dict[str, object]]:
        """The bonuses that come on top of a row, with the blocks they are for."""
        language = active()
        return [
            {
                **self._row("bonuses", bonus),
                "worth": words.bonus_worth(bonus, language),
                "with": words.bonus_blocks(bonus, self.scheme, language),
                "details": words.details(bonus, language),
            }
            for bonus in self.scheme.bonuses
        ]

    def certificates(self) -> list[dict[str, object]]:
        """The certificates of suppliers, with what counts of their invoices."""
        return [
            {
                **self._row("certificates", certificate),
                "worth": words.certificate_worth(certificate, self.scheme, active()),
            }
            for certificate in self.scheme.certificates
        ]

    def _row(self, part: str, row: Block | Bonus | Certificate) -> dict[str, object]:
        path = f"{part}.{row.key}"
        return {
            "key": row.key,
            "label": row.label.in_language(active()),
            "source": row.source,
            "assumed": any(is_assumed(self.scheme, f"{path}{end}") for end in _OF_ROW),
        }

    def counting(self) -> list[str]:
        """Say how time is counted."""
        return list(words.counting_rules(self.scheme, active()))

    def owed(self) -> list[str]:
        """Say what a contract owes."""
        return words.owed_sentences(self.scheme, active())

    def deadlines(self) -> list[dict[str, object]]:
        """Say what is due when."""
        language = active()
        return [
            {
                "what": deadline.what.in_language(language),
                "when": words.with_reader(
                    words.due(deadline, language), deadline.source, self.scheme, language
                ),
                "note": deadline.note.in_language(language) if deadline.note else "",
                "source": deadline.source,
            }
            for deadline in self.scheme.obligation.deadlines
        ]

    def sanctions(self) -> list[str]:
        """Say what follows when the obligation is not met."""
        scheme, language = self.scheme, active()
        return [
            words.with_reader(words.sanction_text(rule, language), rule.source, scheme, language)
            for rule in scheme.obligation.sanctions
        ]

    def notes(self) -> list[dict[str, object]]:
        """The conditions that only a person can judge."""
        return [
            {"text": note.text.in_language(active()), "source": note.source}
            for note in words.notes_of(self.scheme)
        ]

    def assumed(self) -> list[dict[str, str]]:
        """What no source states, with the reason why a value stands there."""
        language = active()
        return [
            {
                "label": words.rule_name(path, self.scheme, language),
                "reason": reason.in_language(language),
            }
            for path, reason in self.scheme.assumed.items()
        ]

    def gaps(self) -> list[str]:
        """Say what could not be read."""
        return [gap.in_language(active()) for gap in self.scheme.gaps]

    def sources(self) -> list[dict[str, str]]:
        """The published pages, with how far each was read."""
        language = active()
        return [
            {
                "url": source.url,
                "read": phrase(f"read.{source.read}", language),
                "kind": _READ[source.read],
                "says": source.says.in_language(language) if source.says else "",
            }
            for source in self.scheme.sources.values()
        ]


def comparison(first: Scheme, second: Scheme) -> dict[str, object]:
    """Two schemes side by side, as tables of cells with their lines."""
    language = active()
    tables = (
        (_("What effort is worth"), beside.block_rows(first, second, language), True),
        (_("Bonuses"), list(beside.bonus_rows(first, second, language)), True),
        (_("Certificates"), list(beside.certificate_rows(first, second, language)), True),
        (
            _("Counting and obligation"),
            [
                *beside.rule_rows(first, second, language),
                *beside.owed_rows(first, second, language),
            ],
            False,
        ),
    )
    return {
        "first": first,
        "second": second,
        "warnings": beside.warnings_beside(first, second, language),
        "leans": bool(first.assumed or second.assumed),
        "tables": [
            {
                "title": title,
                "rows": [[cell.split("\n") for cell in (*row, "")[:4]] for row in rows],
                "differs": differs,
            }
            for title, rows, differs in tables
            if rows
        ],
    }


def assessment_page(assessment: Assessment) -> dict[str, object]:
    """What a contract owes: the figures, the story, what is due and what a shortfall costs."""
    stands, owed = assessment.position, assessment.status is Status.OWED
    figures = [{"label": _("Owed"), "cents": assessment.owed_cents, "strong": True}]
    if stands is not None and owed:
        figures.append({"label": _("Still open"), "cents": stands.open_cents})
    checks = (
        step_text(step, active()) for step in assessment.explanation if step.step == "to_check"
    )
    return {
        "figures": figures,
        "status": phrase(f"obligation.{assessment.status}", active()) if not owed else "",
        "scheme": assessment.scheme,
        "sum": sum_of(assessment.explanation, active()),
        "meaning": _meaning(assessment),
        "steps": [step for step in assessment.explanation if step.step != "to_check"],
        "checks": list(dict.fromkeys(checks)),
        "problems": assessment.problems,
        "years": [{"label": str(part.year), "cents": part.cents} for part in assessment.per_year],
        "deadlines": [_due(due) for due in assessment.deadlines],
        "sanctions": [_sanction(rule) for rule in assessment.sanctions],
    }


def _meaning(assessment: Assessment) -> dict[str, object]:
    """What an obligation means beside its contract; empty where nothing is owed."""
    if not assessment.owed_cents:
        return {}
    proportion = proportion_of(assessment.scheme, assessment.contract, assessment.owed_cents)
    return {
        "sentences": meaning_of(proportion, active()),
        "oddities": proportion.oddities,
        "of_value_bp": proportion.of_value_bp,
    }


def _due(due: Due) -> dict[str, object]:
    language = active()
    notes = [step_text(step, language) for step in due.explanation if step.step != "due"]
    if due.note is not None:
        notes.append(due.note.in_language(language))
    return {
        "what": due.what.in_language(language),
        "day": due.due,
        "notes": notes,
        "source": due.source,
    }


def _sanction(rule: Consequence) -> dict[str, object]:
    language = active()
    notes = [step_text(step, language) for step in rule.explanation]
    if rule.recovery_days is not None:
        notes.append(phrase("obligation.recovery_days", language, days=rule.recovery_days))
    texts = (rule.recovery, *rule.steps)
    return {
        "kind": phrase(f"obligation.kind.{rule.kind}", language),
        "cents": rule.amount_cents,
        "notes": [*notes, *(text.in_language(language) for text in texts if text)],
        "source": rule.source,
    }
