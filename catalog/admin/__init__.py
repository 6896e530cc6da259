from catalog.admin.product import ProductAdmin
from catalog.admin.stock import StockMovementAdmin
from catalog.admin.variant import VariantAdmin

__all__ = ["ProductAdmin", "StockMovementAdmin", "VariantAdmin"]
