"""The paths of this part."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from rest_demo.contacts.api import Contacts
from rest_demo.contacts.import_api import ExportContacts, ImportContacts

router = SimpleRouter()
router.register("contacts", Contacts)

urlpatterns = [  # no contact's code is "import" or "export"
    path("contacts/import/", ImportContacts.as_view()),
    path("contacts/export/", ExportContacts.as_view()),
    *router.urls,
]
