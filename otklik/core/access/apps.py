from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "otklik.core.access"
    label = "access"
