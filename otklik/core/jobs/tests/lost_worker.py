"""A worker in a process of its own, to be killed: ``python -m … DATABASE LEASE_SECONDS``."""

import sys
import threading
from datetime import timedelta

import django
from django.conf import settings

if __name__ == "__main__":
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    from otklik.core.jobs.tests import errands  # noqa: F401
    from otklik.core.jobs.worker import run_worker

    run_worker(
        threading.Event(),
        threads=1,
        heavy=0,
        lease=timedelta(seconds=float(sys.argv[2])),
        with_schedules=False,
    )
