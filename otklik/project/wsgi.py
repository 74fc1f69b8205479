"""The pages alone, for a WSGI server of one's own; sockets and mail need ``otklik``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.project.settings")
application = get_wsgi_application()
