"""How a notification looks to a client, and what is refused."""

from typing import Any

from rest_framework import serializers

from rest_demo.notifications.models import Notification
from rest_demo.rules.versions import KINDS, PRIORITIES
from rest_demo.strict import Formed, Truth, Written

CHANNELS = ("sms", "voice")


class Order(serializers.Serializer):
    """What a client may say. Without `priority` the server's rule decides; `contact` is a code, known here or not."""

    kind = serializers.ChoiceField(KINDS)
    region = Formed(r"\A[a-z]{1,32}\Z")
    priority = serializers.ChoiceField(PRIORITIES, required=False)
    contact = Formed(r"\A[A-Za-z0-9_.-]{1,32}\Z")
    text = Written(max_length=2000)
    channel = serializers.ChoiceField(CHANNELS, required=False)
    language = Formed(r"\A[a-z]{2}\Z", required=False)
    flash = Truth(required=False)


class Shown(serializers.ModelSerializer):
    """What a client is told."""

    id = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = (
            "id", "kind", "region", "priority", "rule_version", "contact", "text", "channel", "language", "flash",
            "created",
        )  # fmt: skip

    def get_id(self, notification: Notification) -> str:
        return notification.id.hex


def headers(data: dict[str, Any]) -> dict[str, Any]:
    """What the hub's gateway routes by: only what the client said, and typed as it was said."""
    return {name: data[name] for name in ("channel", "language", "flash") if name in data}
