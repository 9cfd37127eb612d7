"""The paths of this part."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from rest_demo.notifications.api import Notifications
from rest_demo.notifications.bottleneck import Lock, Slot

router = SimpleRouter()
router.register("notifications", Notifications)

urlpatterns = [
    *router.urls,
    path("bottleneck/slot/", Slot.as_view()),
    path("bottleneck/lock/", Lock.as_view()),
]
