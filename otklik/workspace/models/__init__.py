from otklik.workspace.models.canned_reply import CannedFile, CannedReply, CannedText, Scope

__all__ = ["CannedFile", "CannedReply", "CannedText", "Scope"]
