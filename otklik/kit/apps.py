from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "otklik.kit"
    label = "kit"
