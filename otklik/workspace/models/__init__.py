from otklik.workspace.models.canned_reply import CannedFile, CannedReply, CannedText, Scope
from otklik.workspace.models.macro import Macro
from otklik.workspace.models.offered import Offered
from otklik.workspace.models.script import Script, ScriptRun
from otklik.workspace.models.view import View, ViewPlace, ViewScope

__all__ = [
    "CannedFile",
    "CannedReply",
    "CannedText",
    "Macro",
    "Offered",
    "Scope",
    "Script",
    "ScriptRun",
    "View",
    "ViewPlace",
    "ViewScope",
]
