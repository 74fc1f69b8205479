"""An outbox in a process of its own, to be killed: ``python -m … DATABASE``."""

import sys
import threading

import django
from django.conf import settings

if __name__ == "__main__":
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    from otklik.core.outbox.sending import run_outbox
    from otklik.core.outbox.tests import couriers  # noqa: F401

    run_outbox(threading.Event(), threads=1)
