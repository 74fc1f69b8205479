from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "otklik.core.rest"
    label = "rest"

    def ready(self) -> None:
        from otklik.core.rest import tasks

        tasks.wire()
