from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "otklik.project"
    label = "project"
