"""The list of plugins, and the panels that they bring."""

from __future__ import annotations

from typing import Any, ClassVar

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter


class PluginsRequest(Request):
    """Probe and load the plugins of the calc child. Result: PluginSurvey."""

    job: ClassVar[str] = "explorer.plugins.survey:survey"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Plugins")
    enable: str = parameter("", N_("Enable again"), N_("A plugin to forget the past of before it is probed."), hidden=True)


class LatePluginsRequest(Request):
    """Load plugins into the running engine that it does not have: new ones, mended ones. Result: PluginSurvey of them.

    `names` are "origin/name" ("user/levy"): an example and a plugin of one's own may have the same name.
    """

    job: ClassVar[str] = "explorer.plugins.survey:late"
    place: ClassVar[Place] = "engine"
    title: ClassVar[str] = N_("Plugins")
    names: tuple[str, ...] = parameter((), N_("Plugins"), N_("The plugins to load now."), hidden=True)


class PanelRequest(Request):
    """Run a plugin's panel. `values` are checked by the plugin's own request. Result: what its PanelEntry promises."""

    job: ClassVar[str] = "explorer.plugins.panel:run"
    place: ClassVar[Place] = "engine"
    title: ClassVar[str] = N_("Panel of a plugin")
    panel: str = parameter("", N_("Panel"), N_("The name under which the plugin entered it."), hidden=True)
    values: dict[str, Any] = parameter(dict, N_("Values"), N_("Parameter name to value."), hidden=True)
