"""The table of actions: whole, without double keys, and all of it in menus and lists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

import limner_app
from limner_app.action_set import ActionSet
from limner_app.actions import ACTIONS, MENUS
from limner_app.command_palette import CommandPalette, match_score
from limner_app.icons import _font
from limner_app.places import PLACES
from limner_app.shortcuts import ShortcutList


def _made(qtbot: QtBot, holds: set[str]) -> tuple[QMainWindow, ActionSet, list[str]]:
    done: list[str] = []
    window = QMainWindow()
    qtbot.addWidget(window)
    handlers = {spec.id: lambda *_, what=spec.id: done.append(what) for spec in ACTIONS}
    return window, ActionSet(window, handlers, lambda: holds), done


def test_every_action_has_a_key_of_its_own(qtbot: QtBot) -> None:
    keys = Counter(
        QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
        for spec in ACTIONS
        for key in spec.keys
    )
    assert all(spec.keys for spec in ACTIONS)
    assert "" not in keys
    assert [key for key, count in keys.items() if count > 1] == []
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    # H shows heat maps one day; nothing else may take it meanwhile.
    assert "H" not in keys


def test_every_icon_is_in_the_set(qtbot: QtBot) -> None:
    _, characters = _font()
    assert [spec.icon for spec in ACTIONS if spec.icon not in characters] == []


def test_every_icon_named_in_the_program_is_in_the_set(qtbot: QtBot) -> None:
    _, characters = _font()
    named = re.compile(
        r"""(?:theme\.icon|EmptyPlace|IconLabel|_button)\(\s*"([a-z][a-z0-9-]*)\""""
    )
    used = {
        (path.name, icon)
        for path in Path(limner_app.__file__).parent.rglob("*.py")
        for icon in named.findall(path.read_text("utf-8"))
    }
    assert len(used) > 20
    # A name that is not there would bring the window down while it is painted.
    assert [(name, icon) for name, icon in sorted(used) if icon not in characters] == []


def test_every_action_stands_in_a_menu(qtbot: QtBot) -> None:
    window, actions, _ = _made(qtbot, set())
    menus = actions.fill(window.menuBar())
    shown = {action for menu in menus.values() for action in menu.actions()}
    assert set(actions.by_id.values()) <= shown
    assert [menu.title() for menu in menus.values()][: len(MENUS)] == list(MENUS)


def test_every_place_has_an_action(qtbot: QtBot) -> None:
    assert {place.id for place in PLACES} <= {spec.id for spec in ACTIONS}


def test_conditions_switch_actions(qtbot: QtBot) -> None:
    holds: set[str] = set()
    _, actions, done = _made(qtbot, holds)
    assert not actions["accept"].isEnabled()
    assert actions["open_videos"].isEnabled()
    holds.add("video")
    actions.refresh()
    actions["accept"].trigger()
    assert done == ["accept"]


def test_every_action_is_in_the_shortcut_list(qtbot: QtBot) -> None:
    listed = ShortcutList()
    qtbot.addWidget(listed)
    rows = [row for name in MENUS for row in listed.rows(name)]
    assert len(rows) == len(ACTIONS)
    assert all(keys for _, keys in rows)


def test_search_prefers_starts_of_words() -> None:
    assert match_score("zz", "Undo") is None
    ranked = sorted(
        ("Show names", "Detect on this frame", "Delete annotation"),
        key=lambda text: match_score("de", text) or 10**9,
    )
    assert ranked[-1] == "Show names"
    first, second = match_score("dtf", "Detect on this frame"), match_score("sn", "Show names")
    assert first is not None
    assert second is not None


def test_search_runs_what_is_chosen(qtbot: QtBot) -> None:
    window, actions, done = _made(qtbot, {"video"})
    box = CommandPalette(actions, window)
    window.show()
    box.open()
    qtbot.keyClicks(box.line, "copy prev")
    box._run()
    assert done == ["copy_previous"]
    assert not box.isVisible()


def test_the_search_box_is_as_high_as_what_it_found(qtbot: QtBot) -> None:
    window, actions, _ = _made(qtbot, {"video"})
    window.resize(900, 600)
    box = CommandPalette(actions, window)
    window.show()
    box.open()
    whole = box.height()
    qtbot.keyClicks(box.line, "annotated")
    assert 0 < box.list.count() < 9
    assert box.height() < whole
    qtbot.keyClicks(box.line, "zzzz")
    assert box.none.isVisible()
    assert not box.list.isVisible()
