from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "otklik.project"
    label = "project"

    def ready(self) -> None:
        from django.db import connection

        from otklik.core import settings
        from otklik.core.db.sqlite.upkeep import follow_log
        from otklik.core.hooks.health import register_health
        from otklik.core.hooks.program import register_rebuild, register_service
        from otklik.project import demo
        from otklik.project.commands.rebuild import rebuild_search
        from otklik.project.keeping import pruning, upkeep
        from otklik.project.keeping.aftermath import LAST_BACKUP, RESTORED
        from otklik.project.keeping.phases import DONE
        from otklik.project.keeping.reporting import look_at_backups
        from otklik.project.preparing import FIRST_START, KEY_PROBE

        register_rebuild("search", rebuild_search)
        settings.register(FIRST_START, bool, False, "The first start is over")
        settings.register(KEY_PROBE, str, "", "Proof of the key file", is_secret=True)
        settings.register(LAST_BACKUP, dict, {}, "The last backup")
        settings.register(RESTORED, dict, {}, "The last restore")
        settings.register(DONE, list, [], "Old rows that were filled")
        register_health("backups", look_at_backups)
        register_health("keeping", upkeep.look_at_database)
        if connection.vendor == "sqlite":
            register_service("database log", follow_log)
        pruning.register()
        demo.register()
