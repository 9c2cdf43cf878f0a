"""Who is said to have placed a landmark."""

from __future__ import annotations

import getpass

import pytest

from limner_app import settings


@pytest.mark.parametrize(
    ("full", "account", "shown"),
    [
        ("Ada Lovelace", "ada", "Ada Lovelace"),
        ("", "ada", "ada"),
        ("root", "root", "you"),
        ("", "Administrator", "you"),
    ],
)
def test_author_is_a_persons_name_or_you(
    monkeypatch: pytest.MonkeyPatch, full: str, account: str, shown: str
) -> None:
    monkeypatch.setattr(settings, "_full_name", lambda: full)
    monkeypatch.setattr(getpass, "getuser", lambda: account)
    assert settings.author_name() == shown
    settings.settings().setValue("author", "root")
    assert settings.author_name() == shown  # says nothing of a person either
    settings.settings().setValue("author", "Grace")
    assert settings.author_name() == "Grace"


def test_an_account_without_a_name_is_you(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no username set in the environment")

    monkeypatch.setattr(settings, "_full_name", lambda: "")
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert settings.author_name() == "you"
