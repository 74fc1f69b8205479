"""Canned replies: writing them down, finding one, filling it in for a ticket."""

from otklik.workspace.canned.filling import Filled, fill_canned, insert_canned
from otklik.workspace.canned.finding import find_canned
from otklik.workspace.canned.writing import CannedWords, prepare_texts

__all__ = ["CannedWords", "Filled", "fill_canned", "find_canned", "insert_canned", "prepare_texts"]
