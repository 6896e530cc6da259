from __future__ import annotations

from tests.checkout.conftest import standard_shipping
from tests.payments.conftest import empty_queue, gateway

__all__ = ["empty_queue", "gateway", "standard_shipping"]
