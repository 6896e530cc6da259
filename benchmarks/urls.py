from django.urls import include, path

from benchmarks.bare import insert_one

urlpatterns = [path("bare/", insert_one), path("", include("config.urls"))]
