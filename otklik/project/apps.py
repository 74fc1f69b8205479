from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "otklik.project"
    label = "project"

    def ready(self) -> None:
        from otklik.core import settings
        from otklik.core.hooks.program import register_rebuild
        from otklik.project import demo
        from otklik.project.commands.rebuild import rebuild_search
        from otklik.project.preparing import FIRST_START, KEY_PROBE

        register_rebuild("search", rebuild_search)
        settings.register(FIRST_START, bool, False, "The first start is over")
        settings.register(KEY_PROBE, str, "", "Proof of the key file", is_secret=True)
        demo.register()
