"""Webhooks: whether a message comes from who it should, lately, and for the first time.

`signatures` is the cryptography of the Standard Webhooks specification, `plugin` puts it in front of handlers.
"""

from .plugin import Deliveries, Message, WebhooksPlugin, require_signature
from .settings import WebhookSettings

__all__ = ["Deliveries", "Message", "WebhookSettings", "WebhooksPlugin", "require_signature"]
