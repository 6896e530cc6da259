from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Tillgate"
admin.site.index_title = "Staff"

handler500 = "config.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("payments.urls")),
    path("", include("catalog.urls")),
    path("", include("checkout.urls")),
]
