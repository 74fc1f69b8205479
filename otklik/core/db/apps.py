from django.apps import AppConfig


class DbConfig(AppConfig):
    name = "otklik.core.db"
    label = "db"
