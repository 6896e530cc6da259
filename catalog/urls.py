from django.urls import path, re_path

from catalog import views

app_name = "catalog"

urlpatterns = [
    path("", views.product_list, name="list"),
    path("products/<slug:slug>/", views.product_page, name="product"),
    re_path(r"^pictures/(?P<digest>[0-9a-f]{64})\Z", views.picture, name="picture"),
]
