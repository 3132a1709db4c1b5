"""The form of the Why panel: methods, then what only curves and checks have."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest
from explorer.requests.base import Request


class WhyForm(QWidget):
    """`bound` edits the Session's request; `trust` and `forgetting` keep their own values while the window lives."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        self.bound = Form(AttributeRequest, desk, "attribute")
        own = {kind: tuple(name for name in kind.model_fields if name not in AttributeRequest.model_fields) for kind in KINDS}
        self.trust = Form(TrustRequest, desk, only=own[TrustRequest], back=False)
        self.forgetting = Form(RandomiseRequest, desk, only=own[RandomiseRequest], back=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for form in (self.bound, self.trust, self.forgetting):
            if form is not self.bound:
                title = QLabel()
                title.setProperty("kind", "heading")
                title.setContentsMargins(theme.px(3), theme.px(2), 0, 0)
                words.say(title, TITLES[form is self.trust])
                column.addWidget(title)
            column.addWidget(form)
        column.addStretch(1)

    def back_to_start(self) -> None:
        """Every parameter as it came."""
        self.bound.back_to_start()
        self.trust.back_to_start()
        self.forgetting.back_to_start()

    def trust_value(self) -> Request:
        """What the curves shall be."""
        return self.trust.value()

    def forgetting_value(self) -> Request:
        """What the check shall be."""
        return self.forgetting.value()


KINDS: tuple[type[Request], ...] = (TrustRequest, RandomiseRequest)
TITLES = (RandomiseRequest.title, TrustRequest.title)
