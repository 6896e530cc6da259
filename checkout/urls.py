from django.urls import path

from checkout.views import cart, checkout, order

app_name = "checkout"

urlpatterns = [
    path("cart/", cart.show, name="cart"),
    path("cart/add/", cart.add_to_cart, name="cart-add"),
    path("cart/lines/<int:line_id>/", cart.update, name="cart-update"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/<uuid:public_id>/", order.show, name="order"),
    path("orders/<uuid:public_id>/status.json", order.status, name="order-status"),
    path("orders/<uuid:public_id>/return", order.come_back, name="order-return"),
    path("orders/<uuid:public_id>/pay", order.pay, name="order-pay"),
    path("orders/<uuid:public_id>/start-again", order.start_again, name="order-start-again"),
]
