"""The paths of this part."""

from rest_framework.routers import SimpleRouter

from rest_demo.contacts.api import Contacts

router = SimpleRouter()
router.register("contacts", Contacts)

urlpatterns = [*router.urls]  # what is no contact's code goes before the router's: contacts/import/, say
