from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Carries the project's own management commands."""

    name = "config"
    label = "project"
