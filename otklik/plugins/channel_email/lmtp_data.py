"""DATA read in pieces, not line by line: a letter of 25 MB has 350,000 lines."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from aiosmtpd.smtp import SMTP

_END = b"\r\n.\r\n"
TOO_LARGE = "552 Error: Too much mail data"
NO_ROOM = "452 Error: Too many large letters at once"
# Letters of the largest size that all connections together may hold: the rest come again.
MOST_AT_ONCE = 8
MAX_BLANK = 4096  # line ends before the first word: they are read one by one


class _NoLetter(Exception):
    """Line ends and no end of them."""


class DataInPieces(SMTP):
    """aiosmtpd's SMTP with a DATA of its own; answers and hooks as before (RFC 5321, 4.1.1.4).

    Only CR LF . CR LF ends a letter, so that no server in front of us sees another end than we do.
    """

    _held = 0
    _all_held: ClassVar[int] = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's naming
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            content = await self._receive(self.data_size_limit or 0)
            if isinstance(content, str):
                await self.push(content)
                self._set_post_data_state()  # type: ignore[no-untyped-call]
                return
            envelope.content = envelope.original_content = content
            status = await self._call_handler_hook("DATA")
            self._set_post_data_state()  # type: ignore[no-untyped-call]
        finally:
            self._let_go()
        await self.push(status)

    def _hold(self, size: int, limit: int) -> bool:
        """Whether there is room for so many bytes more beside the letters of all connections."""
        if limit and DataInPieces._all_held + size > MOST_AT_ONCE * limit:
            return False
        self._held += size
        DataInPieces._all_held += size
        return True

    def _let_go(self) -> None:
        DataInPieces._all_held -= self._held
        self._held = 0

    async def _receive(self, limit: int) -> bytes | str:
        """The letter without its dots, or why it is refused: it is read to its end all the same,
        and not kept. Cancelled when the connection is lost."""
        try:
            return await self._read_to_end(limit)
        except _NoLetter:
            await self.push("554 5.6.0 Nothing but line ends")
            self._writer.close()
            raise asyncio.CancelledError from None
        except (asyncio.CancelledError, asyncio.IncompleteReadError):
            self._writer.close()
            raise asyncio.CancelledError from None

    async def _read_to_end(self, limit: int) -> bytes | str:
        reader = self._reader
        head = bytearray(await reader.readexactly(3))
        if head == b".\r\n":
            return b""
        # The end may begin in what is read already.
        while begun := _begun(head):
            head += await reader.readexactly(1)
            if begun == len(_END) - 1 and head.endswith(_END):
                return _without_dots(bytes(head))
            if len(head) > MAX_BLANK:
                raise _NoLetter
        pieces, size, is_whole, refusal = [bytes(head)], len(head), False, ""
        while not is_whole:
            try:
                piece = await reader.readuntil(_END)
                is_whole = True
            except asyncio.LimitOverrunError as more:
                piece = await reader.readexactly(more.consumed)
            size += len(piece)
            if limit and size > limit:
                refusal = TOO_LARGE
            elif not refusal and not self._hold(len(piece), limit):
                refusal = NO_ROOM
            if refusal:
                pieces.clear()
                self._let_go()
            else:
                pieces.append(piece)
        return refusal or _without_dots(b"".join(pieces))


def _begun(text: bytearray) -> int:
    """How many bytes of the end ``text`` ends with."""
    return next((n for n in range(len(_END) - 1, 0, -1) if text.endswith(_END[:n])), 0)


def _without_dots(text: bytes) -> bytes:
    """What was meant (RFC 5321, 4.5.2): the end goes, and so does the dot before a dot."""
    text = text[: -len(_END) + 2]
    if text.startswith(b"."):
        text = text[1:]
    return text.replace(b"\r\n.", b"\r\n")
