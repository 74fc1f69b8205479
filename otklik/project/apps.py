from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "otklik.project"
    label = "project"

    def ready(self) -> None:
        from otklik.core import settings
        from otklik.project.preparing import FIRST_START

        settings.register(FIRST_START, bool, False, "The first start is over")
