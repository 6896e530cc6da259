from tests.payments.conftest import empty_queue, gateway

__all__ = ["empty_queue", "gateway"]
