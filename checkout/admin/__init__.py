"""The staff's desk for orders: read them as they were placed, and move on those that wait for a person."""

from checkout.admin.email import OrderEmailAdmin
from checkout.admin.order import OrderAdmin
from checkout.admin.shipping import ShippingMethodAdmin

__all__ = ["OrderAdmin", "OrderEmailAdmin", "ShippingMethodAdmin"]
