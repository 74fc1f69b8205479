"""format=flowed (RFC 3676): lines that end in a space go on in the next one."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join flowed lines into paragraphs; quote marks are kept as ``>`` before each paragraph."""
    output: list[list[str]] = []
    depth_before = 0
    flowing = False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        if body.startswith(" "):
            body = body[1:]
        is_signature = body == "-- "
        flowed = body.endswith(" ") and not is_signature
        if flowed and delete_space:
            body = body[:-1]
        if flowing and depth == depth_before and not is_signature:
            output[-1].append(body)
        else:
            output.append([">" * depth + " " if depth else "", body])
        flowing, depth_before = flowed, depth
    lines = ("".join(pieces) for pieces in output)
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in lines)
