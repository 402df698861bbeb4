from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from telmee.web.site.mail import latest


def test_the_mail_of_a_demonstration_is_read_back(tmp_path: Path) -> None:
    backend = EmailBackend(file_path=str(tmp_path))
    messages = [
        EmailMessage(
            f"Welkom {number}", f"Hallo é\n\n{'-' * 10}\nlink", "a@b.nl", [f"c{number}@d.nl"]
        )
        for number in (1, 2)
    ]
    backend.send_messages(messages)
    found = latest(tmp_path)
    assert [mail.subject for mail in found] == ["Welkom 2", "Welkom 1"]
    assert found[0].to == "c2@d.nl"
    assert "Hallo é" in found[0].text
    assert found[0].sent is not None
    assert found[0].sent.tzinfo is not None


def test_without_mail_there_is_nothing(tmp_path: Path) -> None:
    assert latest(tmp_path / "none") == []
