"""A client's own template: its fields are filled in, and everything else is refused by name."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from telmee.core.errors import DomainError
from telmee.integrations.word_templates import TEMPLATE_BYTES_MAX, fill_template
from tests.integrations.word_templates.making import changed, related, template, words_of
from tests.patience import PATIENCE_SECONDS

FACTS: dict[str, Any] = {
    "kenmerk": "SR-2026-0001",
    "ontvanger": "De Eem & Zn. <b>B.V.</b>",
    "toelichting": "",
    "som": [
        {"onderdeel": "basis", "bedrag": "€ 6.861,49"},
        {"onderdeel": "bonus", "bedrag": "€ 1"},
    ],
}


def refusal(content: bytes, facts: dict[str, Any] = FACTS) -> tuple[str, dict[str, Any]]:
    """The code of what refused a template, with what it says of it."""
    with pytest.raises(DomainError) as error:
        fill_template(content, facts)
    (problem,) = error.value.problems
    return problem.code, dict(problem.params)


def test_fields_and_rows_are_filled_in_as_they_are() -> None:
    content = template(
        "Kenmerk: {{ kenmerk }}",
        "Aan {{ ontvanger|upper }}",
        "{% if toelichting %}Want {{ toelichting }}{% else %}Zonder uitleg{% endif %}",
        rows=(
            ("{%tr for regel in som %}", ""),
            ("{{ loop.index }} {{ regel.onderdeel }}", "{{ regel['bedrag'] }}"),
            ("{%tr endfor %}", ""),
        ),
    )
    words = words_of(fill_template(content, FACTS))
    assert "Kenmerk: SR-2026-0001" in words
    assert "DE EEM & ZN. <B>B.V.</B>" in words
    assert "Zonder uitleg" in words
    assert "1 basis" in words
    assert "2 bonus" in words
    assert "{" not in words


def test_what_a_fact_says_is_never_read_as_a_field() -> None:
    facts = {**FACTS, "kenmerk": "{{ 7 * 7 }}{% for a in som %}x{% endfor %}"}
    assert facts["kenmerk"] in words_of(fill_template(template("{{ kenmerk }}"), facts))


def test_every_unknown_field_is_named_at_once() -> None:
    content = template(
        "{{ kenmerk }} {{ naam }} {{ bsn }}",
        "{% for regel in som %}{{ regel.prijs }}{{ regel.bedrag }}{{ loop.hoe }}{% endfor %}",
        "{% for a in lijst %}{{ a.b }}{% endfor %}{{ kenmerk.lengte }}",
    )
    code, params = refusal(content)
    assert code == "template_unknown_fields"
    named = set(params["fields"].split(", "))
    assert {"naam", "bsn", "regel.prijs", "loop.hoe", "lijst", "kenmerk.lengte"} <= named
    assert not {"kenmerk", "regel.bedrag", "som"} & named


@pytest.mark.parametrize(
    "words",
    [
        "{{ ''.__class__ }}",
        "{{ kenmerk.__class__.__mro__[1].__subclasses__() }}",
        "{{ kenmerk['__class__'] }}",
        "{{ som|attr('append') }}",
        "{{ kenmerk|map('upper')|join }}",
        "{{ som.append(1) }}",
        "{{ kenmerk.format(a) }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ range(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ kenmerk ~ kenmerk }}",
        "{{ kenmerk|safe }}",
        "{{ kenmerk[som] }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% set a = kenmerk %}",
        "{% for a in som recursive %}{{ loop(som) }}{% endfor %}",
        "{% for a in [1, 2] %}x{% endfor %}",
        "{% for a in som %}{% for b in som %}{% for c in som %}{% for d in som %}x"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% block a %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ kenmerk < 1 }}",
        "{{ 1 in kenmerk }}",
    ],
)
def test_it_refuses_code(words: str) -> None:
    code, _params = refusal(template(words))
    assert code in {"template_code", "template_syntax", "template_unknown_fields"}


@pytest.mark.parametrize(
    "words",
    [
        "{% if kenmerk %}" * 3000 + "x" + "{% endif %}" * 3000,
        "{{ " + "(" * 3000 + "kenmerk" + ")" * 3000 + " }}",
        "{{ " + "not " * 5000 + "kenmerk }}",
    ],
)
def test_what_stands_within_itself_by_the_thousand_is_too_much(words: str) -> None:
    assert refusal(template(words))[0] == "file_too_heavy"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("HYPERLINK &quot;file:///etc/passwd&quot;", "template_remote"),
        ("HYPERLINK \\\\server\\share", "template_remote"),
        ("hyperlink &quot;javascript:1&quot;", "template_remote"),
        ("MACROBUTTON AutoOpen klik", "template_macros"),
    ],
)
def test_a_field_starts_nothing_and_leads_to_no_file(field: str, code: str) -> None:
    assert refusal(_with_body(f"</w:t></w:r>{_INSTRUCTION.format(field)}"))[0] == code


@pytest.mark.parametrize(
    "field",
    ["HYPERLINK &quot;https://a.example/b&quot;", "HYPERLINK \\l &quot;_Toc1&quot;", "PAGE"],
)
def test_a_field_that_leads_to_a_page_or_within_the_letter_stays(field: str) -> None:
    assert fill_template(_with_body(f"</w:t></w:r>{_INSTRUCTION.format(field)}"), FACTS)


def test_a_property_of_the_document_is_no_way_in() -> None:
    assert refusal(template("Beste lezer", title="{{ x.__class__ }}"))[0] != ""
    assert refusal(template("Beste lezer", title="{{ lipsum() }}"))[0] == "template_code"


def test_loops_over_loops_are_stopped() -> None:
    many = {**FACTS, "som": [{"onderdeel": "x" * 2000, "bedrag": "y"}] * 500}
    deep = "{% for a in som %}{% for b in som %}{% for c in som %}{{ c.onderdeel }}"
    code, _params = refusal(template(deep + "{% endfor %}" * 3), many)
    assert code == "file_too_heavy"


_DOCTYPE = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
_INSTRUCTION = "<w:r><w:instrText>{}</w:instrText></w:r><w:r><w:t>"
_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDE</w:instrText></w:r>'
    "<w:r><w:instrText>PICTURE x</w:instrText></w:r><w:r><w:t>"
)


def _with_body(inner: str) -> bytes:
    return changed(
        template("HIER"), "word/document.xml", lambda xml: xml.replace(b"HIER", inner.encode())
    )


def _typed(name: str, kind: str) -> bytes:
    """A template that says of a part, or of all pictures, that it is read as this."""
    kept = f"application/vnd.openxmlformats-officedocument.{kind}"
    which = f'Override PartName="{name}"' if name else 'Default Extension="png"'
    entry = f'<{which} ContentType="{kept}"/></Types>'.encode()
    return changed(
        template("x"), "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", entry)
    )


def _element(words: str, prefix: str) -> str:
    return f'</w:t><{words} xmlns:{prefix}="urn:schemas-microsoft-com:vml"/><w:t>'


_MERGE = (
    b'<w:mailMerge><w:connectString w:val="Provider=x;Data Source=//127.0.0.1/a"/></w:mailMerge>'
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "template_unreadable"),
        (b"PK\x03\x04 niets", "template_unreadable"),
        (template("x")[:-200], "template_unreadable"),
        (changed(template("x"), "word/vbaProject.bin", lambda _: b"x"), "template_macros"),
        (
            changed(
                template("x"),
                "[Content_Types].xml",
                lambda xml: xml.replace(b"document.main+xml", b"document.macroEnabled.main+xml"),
            ),
            "template_macros",
        ),
        (changed(template("x"), "word/embeddings/a.xlsx", lambda _: b"x"), "template_embedded"),
        (changed(template("x"), "word/activeX/a.xml", lambda _: b"<a/>"), "template_embedded"),
        (related("oleObject", "a.xml", outside=False), "template_embedded"),
        (related("aFChunk", "a.xml", outside=False), "template_embedded"),
        (related("image", "http://127.0.0.1:9/a.png"), "template_remote"),
        (related("image", "file:///etc/passwd"), "template_remote"),
        (related("attachedTemplate", "http://127.0.0.1:9/a.dotm"), "template_remote"),
        (related("hyperlink", "file:///etc/passwd"), "template_remote"),
        (
            _with_body('</w:t></w:r><w:fldSimple w:instr=" DDEAUTO c x"/><w:r><w:t>'),
            "template_remote",
        ),
        (_with_body(f"</w:t></w:r>{_FIELD}"), "template_remote"),
        (
            changed(template("x"), "word/document.xml", lambda xml: _DOCTYPE + xml[55:]),
            "template_unreadable",
        ),
        (
            changed(template("x"), "word/media/bomb.xml", lambda _: b" " * 60_000_000),
            "template_unreadable",
        ),
        # A part that Word reads as a header, under a name that nobody looks through.
        (changed(template("x"), "word/header1.dat", lambda _: b"<a/>"), "template_embedded"),
        (_typed("/word/media/a.png", "wordprocessingml.header+xml"), "template_embedded"),
        (_typed("", "wordprocessingml.header+xml"), "template_embedded"),
        (related("image", "http://127.0.0.1:9/a.png", outside=False), "template_remote"),
        (related("image", "\\\\127.0.0.1\\a.png", outside=False), "template_remote"),
        (
            _with_body('</w:t></w:r><w:fldSimple w:instr=" INCLUDE x"/><w:r><w:t>'),
            "template_remote",
        ),
        (
            _with_body(_element('v:imagedata src="http://127.0.0.1:9/a.png"', "v")),
            "template_remote",
        ),
        (_with_body(_element('v:fill althref="//127.0.0.1/a.png"', "v")), "template_remote"),
        (
            changed(
                template("x"),
                "word/settings.xml",
                lambda xml: xml.replace(b"</w:settings>", _MERGE + b"</w:settings>"),
            ),
            "template_remote",
        ),
        (
            changed(
                template("x"),
                "word/media/a.svg",
                lambda _: b'<svg xmlns="x"><image href="http://127.0.0.1:9/a.png"/></svg>',
            ),
            "template_remote",
        ),
        (
            changed(
                template("x"),
                "word/media/a.svg",
                lambda _: b'<svg xmlns="x"><script>1</script></svg>',
            ),
            "template_macros",
        ),
        (b"x" * (TEMPLATE_BYTES_MAX + 1), "template_too_large"),
        (b"x" * 50_000_000, "template_too_large"),
    ],
)
def test_it_refuses_what_is_more_than_a_letter(content: bytes, code: str) -> None:
    assert refusal(content)[0] == code


def test_a_link_that_somebody_may_press_stays() -> None:
    assert fill_template(related("hyperlink", "https://www.hilversum.example"), FACTS)


def test_a_field_that_does_not_end_says_so() -> None:
    assert refusal(template("{% if kenmerk %}x"))[0] == "template_syntax"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_what_was_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "brief.docx"
    file.write_bytes(fill_template(template("{{ kenmerk }}"), FACTS))
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, timeout=PATIENCE_SECONDS)
    assert (tmp_path / "brief.pdf").exists()
