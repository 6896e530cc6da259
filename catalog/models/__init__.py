from catalog.models.picture import Picture
from catalog.models.product import Product
from catalog.models.stock import Stock, StockMovement
from catalog.models.variant import Variant

__all__ = ["Picture", "Product", "Stock", "StockMovement", "Variant"]
