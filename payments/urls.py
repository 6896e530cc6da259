from django.urls import path

from payments.webhooks.intake import receive

app_name = "payments"

urlpatterns = [
    path("payments/webhooks/<slug:gateway>/", receive, name="webhook"),
]
