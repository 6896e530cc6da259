from django.contrib import admin
from django.urls import include, path

from config import health

admin.site.site_header = admin.site.site_title = "Tillgate"
admin.site.index_title = "Staff"

handler500 = "config.errors.server_error"

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("payments.urls")),
    path("", include("catalog.urls")),
    path("", include("checkout.urls")),
]
