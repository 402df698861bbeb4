"""The page of an organisation's own templates."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cast import Cast


def test_an_example_is_kept_as_ones_own_and_got_back(cast: Cast, browse: Any) -> None:
    browser, page = browse(cast.manager), reverse("letter-templates", args=[cast.hilversum.pk])
    example, own = reverse("example-template", args=["council"]), f"{page}/council"
    first = browser.get(page).content.decode()
    assert example in first
    assert own not in first
    assert "behalve als u het weghaalt" not in first
    content = browser.get(example).content
    file = SimpleUploadedFile("sjabloon.docx", content)
    assert browser.post(page, {"kind": "council", "template": file}).status_code == 302
    then = browser.get(page).content.decode()
    assert example not in then
    assert own in then
    assert browser.get(own).content == content
    assert browser.post(page, {"kind": "council"}).status_code == 422
    assert browser.post(page, {"kind": "council", "remove": "on"}).status_code == 302
    assert browser.get(own).status_code == 404


def test_without_a_template_a_file_is_needed(cast: Cast, browse: Any) -> None:
    browser, page = browse(cast.manager), reverse("letter-templates", args=[cast.hilversum.pk])
    for sent in ({"kind": "council"}, {"kind": "council", "remove": "on"}):
        assert browser.post(page, sent).status_code == 422
    assert browser.post(page, {"kind": "statement"}).status_code == 200
    assert browser.get(reverse("example-template", args=["statement"])).status_code == 404
