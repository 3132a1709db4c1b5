"""The list of plugins."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter


class PluginsRequest(Request):
    """Probe and load the plugins of the calc child. Result: PluginSurvey."""

    job: ClassVar[str] = "explorer.plugins.survey:survey"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Plugins")
    enable: str = parameter("", N_("Enable again"), N_("A plugin to forget the past of before it is probed."), hidden=True)
