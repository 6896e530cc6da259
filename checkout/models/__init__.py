from checkout.models.cart import Cart, CartLine
from checkout.models.email import OrderEmail
from checkout.models.order import Address, Order, OrderLine
from checkout.models.shipping import ShippingMethod

__all__ = ["Address", "Cart", "CartLine", "Order", "OrderEmail", "OrderLine", "ShippingMethod"]
