"""The shop's own settings, with one more address: the bare view that the webhook intake is held against."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
