"""The style sheet, made from the tokens. Colours, grid and type come from theme.py; nothing here names a colour of its own.

Dynamic properties choose a variant: QPushButton[kind="primary"], QLabel[kind="muted"|"title"|"heading"], QFrame[kind="line"].
"""

from __future__ import annotations

from string import Template

from explorer.assets import assets_dir
from explorer.gui.theme import Tokens, px

SHEET = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $surface; color: $text; border: 1px solid $strong_line; padding: ${g1}px ${g2}px; }

QMenuBar { background: $window; padding: 2px ${g1}px; }
QMenuBar::item { padding: ${g1}px ${g2}px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; border: 1px solid $line; padding: ${g1}px; }
QMenu::item { padding: 5px ${g6}px 5px ${g2}px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $strong_line; }
QMenu::separator { height: 1px; background: $line; margin: ${g1}px ${g2}px; }
QMenu::icon { padding-left: ${g2}px; }

QToolBar { background: $window; border: none; border-bottom: 1px solid $line; spacing: ${g1}px; padding: ${g1}px ${g2}px; }
QToolBar::separator { background: $line; width: 1px; margin: ${g1}px ${g1}px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $accent_soft; }
QToolButton:checked { background: $accent_soft; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked:focus { border-color: $text; }
QToolButton:disabled { color: $strong_line; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="arrow"] { padding: 4px 1px; }
QPushButton { background: $surface; border: 1px solid $strong_line; border-radius: 5px; padding: 5px ${g3}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:checked { background: $accent_soft; border-color: $accent; }
QPushButton:focus { border-color: $accent; }
QPushButton:checked:focus { border-color: $text; }
QPushButton:disabled { color: $strong_line; border-color: $line; background: $window; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled { background: $sunken; color: $strong_line; border-color: $line; }
QPushButton[kind="quiet"], QToolButton[kind="link"] { background: transparent; border-color: transparent; color: $accent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="link"]:hover { background: $hover; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="link"]:focus { border-color: $accent; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextBrowser {
  background: $sunken; border: 1px solid transparent; border-radius: 5px; padding: 3px ${g2}px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $line; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $strong_line; }
QAbstractSpinBox { padding: 3px 2px 3px ${g1}px; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0 ${g1}px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 14px; border: none; background: transparent; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url("$up"); width: 8px; height: 8px; }
QAbstractSpinBox::down-arrow { image: url("$down"); width: 8px; height: 8px; }
QComboBox { padding-right: 20px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$down"); width: 8px; height: 8px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; padding: ${g1}px;
  selection-background-color: $accent_soft; selection-color: $text; }
QTextBrowser, QPlainTextEdit { background: $surface; border: 1px solid transparent; border-radius: 0; }
QTextBrowser:focus, QAbstractItemView:focus { border-color: $accent; }

QCheckBox, QRadioButton { spacing: ${g2}px; padding: 2px 0; border: 1px solid transparent; border-radius: 4px; }
QCheckBox::indicator, QTreeView::indicator { width: 14px; height: 14px; border: 1px solid $strong_line; border-radius: 3px;
  background: $sunken; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus, QTreeView::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QTreeView::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox::indicator:disabled { border-color: $line; }

QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $surface;
  border: 2px solid $accent; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal:disabled { border-color: $strong_line; background: $window; }
QSlider::groove:vertical { width: 4px; border-radius: 2px; background: $line; }
QSlider::add-page:vertical { background: $accent; border-radius: 2px; }
QSlider::handle:vertical { width: 12px; height: 12px; margin: 0 -5px; border-radius: 7px; background: $surface;
  border: 2px solid $accent; }

QTabBar { background: $window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px ${g3}px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar QToolButton { background: $window; }
QTabBar[away="true"] { max-height: 0; }
QTabBar[away="true"]::tab { height: 0; width: 0; padding: 0; margin: 0; border: none; }
#rail { border-bottom: none; border-right: 1px solid $line; padding: ${g1}px 0; spacing: 1px; margin: 0; }
#rail QToolButton { color: $muted; padding: ${g1}px 0; margin: 0; font-size: ${small}px; }
#rail QToolButton:checked { color: $text; }

QDockWidget { border: none; titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: $window; padding: ${g1}px ${g2}px; }
#dock-title { background: $window; border-bottom: 1px solid $line; }
QWidget[kind="page"] { background: $surface; }
QWidget[kind="ground"] { background: $window; }
QWidget[kind="canvas"] { background: $canvas; }

QAbstractItemView { background: $window; alternate-background-color: $window; border: 1px solid transparent;
  selection-background-color: $accent_soft; selection-color: $text; }
QAbstractItemView::item { padding: 3px ${g1}px; border-radius: 4px; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $accent_soft; color: $text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url("$right"); }
QTreeView::branch:has-children:open { image: url("$down"); }
QHeaderView { background: $window; }
QHeaderView::section { background: $window; color: $muted; border: none; border-bottom: 1px solid $line; padding: ${g1}px; }
QTableView { gridline-color: $line; }
QTableCornerButton::section { background: $window; border: none; }

QScrollArea { border: none; background: transparent; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $strong_line; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QStatusBar { background: $window; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QStatusBar QToolButton { padding: 2px ${g2}px; }
QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QGroupBox { border: none; margin-top: ${g5}px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 0; color: $muted; }
QFrame[kind="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[kind="upright"] { background: $line; border: none; }
QFrame[kind="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QLabel { background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="step"] { background: $accent; color: $on_accent; border-radius: ${g3}px; font-weight: 600; }
QLabel[kind="bad"] { color: $bad; }
QLabel[kind="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[kind="heading"] { font-size: ${base}px; font-weight: 600; color: $muted; }
QLabel[kind="big"] { font-size: ${big}px; font-weight: 600; }
""")


def stylesheet(t: Tokens, base: int) -> str:
    """The sheet for tokens `t` and normal type of `base` pixels."""
    icons = assets_dir() / "icons"
    names = {"up": "chevron-up", "down": "chevron-down", "right": "chevron-right", "check": "check"}
    images = {key: (icons / f"{name}-{t.name}.svg").as_posix() for key, name in names.items()}
    sizes = {f"g{n}": px(n) for n in (1, 2, 3, 4, 5, 6)}
    type_sizes = {"base": base, "small": round(base * 0.85), "title": round(base * 1.25), "big": round(base * 1.75)}
    return SHEET.substitute(vars(t), **images, **sizes, **type_sizes)
