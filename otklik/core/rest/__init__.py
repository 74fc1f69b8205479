"""The REST API's frame. Rooms bring routers (`rest.py`) and register them in `apps.ready()`."""
