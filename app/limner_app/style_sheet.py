"""The shapes of controls, over Qt's Fusion style, for either look."""

from __future__ import annotations

from pathlib import Path
from string import Template

_SHEET = Template("""
* { outline: none; }
QMainWindow, QDialog, QWidget#ground { background: $window; }
QToolTip { background: $hover; color: $text; border: 1px solid $line; padding: 4px 6px; }

QMenuBar { background: $window; padding: 1px 4px; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QToolButton { border: none; border-radius: 4px; padding: 4px; background: transparent; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $selection; }
QToolButton[fold="true"]:checked { background: transparent; }
QToolButton[fold="true"]:hover { background: $hover; }
QToolButton:focus { border: 1px solid $accent; padding: 3px; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; width: 0; }

QPushButton { border: 1px solid $line; border-radius: 4px; padding: 4px 12px; min-height: 18px;
  background: $panel; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selection; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; background: transparent; }
QPushButton[primary="true"] { background: $accent; color: $accent_text; border-color: $accent; }
QPushButton[primary="true"]:hover { border-color: $text; }
QPushButton[primary="true"]:disabled { background: $hover; color: $faint; border-color: $line; }
QPushButton[quiet="true"] { border-color: transparent; background: transparent; color: $accent;
  padding: 4px 8px; }
QPushButton[quiet="true"]:hover { background: $hover; }
QPushButton[quiet="true"]:disabled { color: $faint; }

QPushButton[place="true"] { border: none; border-radius: 0; background: transparent; color: $dim;
  padding: 4px 14px; border-bottom: 2px solid transparent; }
QPushButton[place="true"]:hover { color: $text; }
QPushButton[place="true"]:focus { color: $text; }
QPushButton[place="true"]:checked { color: $text; border-bottom-color: $accent; }
QPushButton[place="true"]:disabled { color: $faint; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit { background: $field;
  border: 1px solid $line; border-radius: 4px; padding: 3px 6px; min-height: 18px;
  selection-background-color: $selection; selection-color: $text; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
  border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
  color: $faint; background: transparent; }
QLineEdit { padding-left: 4px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
  image: url("$look/down-$shade.svg"); width: 12px; height: 12px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$look/up-$shade.svg");
  width: 12px; height: 12px; }
QSpinBox, QDoubleSpinBox { padding-left: 4px; padding-right: 22px; min-height: 18px;
  max-height: 18px; }
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit { border: none; background: transparent;
  padding: 0 0 0 4px; min-height: 0; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border;
  subcontrol-position: top right; border: none; width: 22px; padding-top: 2px; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border;
  subcontrol-position: bottom right; border: none; width: 22px; padding-bottom: 2px; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: $hover; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $line; padding: 2px;
  selection-background-color: $selection; selection-color: $text; }

QAbstractItemView { background: $panel; border: none; selection-background-color: $selection;
  selection-color: $text; }
QCheckBox::indicator, QListView::indicator { width: 13px; height: 13px; border-radius: 3px;
  border: 1px solid $faint; background: $field; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus, QListView::indicator:hover {
  border-color: $accent; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: $accent;
  border-color: $accent; image: url("$look/check.svg"); }
QCheckBox::indicator:disabled { border-color: $line; background: transparent; }
QTableView { gridline-color: transparent; }
QTableView::item, QListView::item, QTreeView::item { padding: 2px 4px; border: none; }
QTableView::item:selected, QListView::item:selected, QTreeView::item:selected {
  background: $selection; color: $text; }
QListView::item:hover:!selected, QTreeView::item:hover:!selected { background: $hover; }
QTableView QLineEdit { border-radius: 0; padding: 0 3px; min-height: 0; }
QHeaderView { background: transparent; }
QHeaderView::section { background: transparent; color: $dim; border: none; padding: 3px 7px;
  font-weight: normal; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px;
  min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider[upwards="true"]::sub-page:horizontal { background: $line; }
QSlider[upwards="true"]::add-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
  background: $text; }
QStatusBar { background: $window; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QGroupBox { border: none; margin-top: 18px; padding: 0; color: $dim; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 0; }
QTabBar::tab { padding: 5px 12px; color: $dim; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabWidget::pane { border: none; }

QLabel { background: transparent; }
QLabel[role="heading"] { color: $dim; }
QLabel[role="dim"] { color: $dim; }
QLabel[role="title"] { font-size: 17pt; }
QLabel[role="empty"] { color: $dim; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="loss"] { color: $loss; }
QWidget[role="panel"] { background: $panel; }
QWidget[role="bar"] { background: $window; }
QFrame[role="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[choice="true"] { background: $panel; border: 1px solid $line; border-radius: 6px; }
QFrame[choice="true"]:hover { background: $hover; }
QFrame[choice="true"]:focus { border-color: $accent; }
QFrame[role="card"] { background: $panel; border: 1px solid $line; border-radius: 6px; }
QFrame[role="float"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
""")


def style_sheet(colours: dict[str, str], shade: str) -> str:
    """The sheet for a look.

    Args:
        colours: ``#rrggbb`` by the names of `limner_app.theme.Colours`.
        shade: ``dark`` or ``light``: which of the arrows fit it.
    """
    look = Path(__file__).resolve().parent / "look"
    return _SHEET.substitute(colours, look=look.as_posix(), shade=shade)
