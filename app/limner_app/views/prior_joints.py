"""Of which joints of a motion capture each landmark is made, guessed and open to a person."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import dim
from limner_engine.priors.joint_map import JointMap

_ROWS = 4


class JointTable(QWidget):
    """A row for each landmark, with a choice of joints.

    Signals:
        changed: A person chose another joint.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels([self.tr("Landmark"), self.tr("Joint of the file")])
        self.table.setAccessibleName(self.tr("Joints of landmarks"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.ROW_PX)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setMinimumHeight((_ROWS + 1) * theme.ROW_PX)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.words = dim("")
        self._boxes: dict[str, QComboBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.table, 1)
        column.addWidget(self.words)

    @property
    def map(self) -> JointMap:
        """What stands there."""
        return JointMap({name: box.currentData() for name, box in self._boxes.items()})

    def load(self, made: JointMap, joints: Sequence[str]) -> None:
        """Show a map.

        Args:
            made: What is known.
            joints: What can be chosen.
        """
        self._boxes = {}
        self.table.setRowCount(len(made.landmarks))
        for row, (name, now) in enumerate(made.landmarks.items()):
            item = QTableWidgetItem(name)
            item.setToolTip(name)
            self.table.setItem(row, 0, item)
            box = QComboBox()
            box.setAccessibleName(self.tr("Joint of {name}").format(name=name))
            box.addItem(self.tr("None yet"), ())
            if len(now) > 1:
                box.addItem(self.tr("Middle of {joints}").format(joints=" + ".join(now)), now)
            for joint in joints:
                box.addItem(joint, (joint,))
            place = next((i for i in range(box.count()) if box.itemData(i) == now), 0)
            box.setCurrentIndex(place)
            box.currentIndexChanged.connect(self._changed)
            self.table.setCellWidget(row, 1, box)
            self._boxes[name] = box
        self._explain()

    def _changed(self) -> None:
        self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        missing = self.map.missing
        self.words.setVisible(bool(missing))
        self.words.setProperty("role", "warning")
        self.words.style().polish(self.words)
        self.words.setText(
            self.tr("{n} landmarks have no joint yet: {names}.").format(
                n=len(missing), names=", ".join(missing)
            )
            if len(missing) > 1
            else self.tr("{name} has no joint yet.").format(name=missing[0])
            if missing
            else ""
        )
