"""Every reason why a Darknet description is refused exists in Hungarian (this room may not mark texts itself)."""

import ast
import inspect
from pathlib import Path

from babel.messages.pofile import read_po

from explorer.zoo import darknet_cfg


def test_reasons_are_translated():
    tree = ast.parse(inspect.getsource(darknet_cfg))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CfgError"]
    reasons = {call.args[1].value for call in calls}
    assert len(reasons) > 20
    with (Path(__file__).parents[2] / "assets" / "i18n" / "hu" / "zoo.po").open("rb") as handle:
        have = {message.id for message in read_po(handle, locale="hu") if message.string}
    assert not reasons - have
