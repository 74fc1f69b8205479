"""The process of one heavy job: limits first, then Django, then the task.

Reads one JSON line from standard input, writes one JSON answer to the descriptor named as its
argument, and stops at once when standard input ends: then the worker is gone.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import threading
from typing import Any


def main() -> None:
    answer_to = int(sys.argv[1])
    order = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not order:
        return
    _limit(order["memory_limit"], order["time_limit"])
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    os.write(answer_to, json.dumps(_run(order)).encode()[: 64 * 1024])


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)


def _stop_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(70)


def _run(order: dict[str, Any]) -> dict[str, Any]:
    import django

    django.setup()
    importlib.import_module(order["module"])
    from otklik.core.jobs.running import describe
    from otklik.core.jobs.task import GiveUp, RetryLater, find_task

    try:
        task = find_task(order["name"])
        if task is None:
            raise GiveUp(f"No installed room knows the task {order['name']}.")
        task.function(**order["arguments"])
    except RetryLater as error:
        after = error.after.total_seconds() if error.after else None
        return {"error": str(error) or "RetryLater", "after": after}
    except GiveUp as error:
        return {"error": str(error) or "GiveUp", "is_final": True}
    except MemoryError:
        return {"error": f"Needed more than {order['memory_limit'] >> 20} MB of memory."}
    except Exception as error:
        return {"error": describe(error)[-4000:]}
    return {"done": True}


if __name__ == "__main__":
    main()
