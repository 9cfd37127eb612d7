"""How contacts go between the model and a file: ContactResource, strict, and what one gets without a thought.

importing.py feeds it a thousand rows at a time, the admin a small file at once. import-export calls its hooks in this
order: before_import (header), the loader (one query for all rows), then for each row before_import_row (is its code
new in this file?), the widgets, skip_row (does it change anything?), validate_instance (the model's own rules), and
bulk_create or bulk_update, which here are one statement that counts what it did.
"""

import difflib
from collections.abc import Sequence
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource

from rest_demo.contacts.choices import COLUMNS
from rest_demo.contacts.models import CODE_PATTERN, Contact
from rest_demo.contacts.rules import keeps_the_rules
from rest_demo.contacts.upsert import Written, upsert
from rest_demo.contacts.widgets import (
    StrictBoolean,
    StrictDate,
    StrictDecimal,
    StrictInteger,
    StrictPhone,
    StrictText,
)
from rest_demo.errors import FileRefused

FIELDS = tuple(COLUMNS)
REQUIRED = ("Code", "Full name", "Region")


class Numbered(tablib.Dataset):
    """Rows that know which rows of the file they are."""

    numbers: Sequence[int] = ()


class ByCode(BaseInstanceLoader):
    """All contacts that a dataset speaks of, in one query."""

    def __init__(self, resource: "ContactResource", dataset: tablib.Dataset) -> None:
        super().__init__(resource, dataset)
        codes = {code for code in map(resource.code_of, dataset.dict) if CODE_PATTERN.match(code)}
        self._found = {found.code: found for found in Contact.objects.filter(code__in=codes)} if codes else {}

    def get_instance(self, row: dict[str, Any]) -> Contact | None:
        return self._found.get(self.resource.code_of(row))


class ContactResource(ModelResource):
    """Refuses what it would have to guess. One object imports one file, in as many datasets as that takes."""

    code = Field("code", COLUMNS["code"], StrictText())
    full_name = Field("full_name", COLUMNS["full_name"], StrictText())
    email = Field("email", COLUMNS["email"], StrictText())
    phone = Field("phone", COLUMNS["phone"], StrictPhone())
    region = Field("region", COLUMNS["region"], StrictText())
    birth_date = Field("birth_date", COLUMNS["birth_date"], StrictDate())
    active = Field("active", COLUMNS["active"], StrictBoolean())
    visits = Field("visits", COLUMNS["visits"], StrictInteger())
    balance = Field("balance", COLUMNS["balance"], StrictDecimal())
    note = Field("note", COLUMNS["note"], StrictText())

    class Meta:
        model = Contact
        fields = import_order = export_order = FIELDS
        import_id_fields = ("code",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = False
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        instance_loader_class = ByCode

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.written = Written()
        self._defaults = [field.to_python(field.get_default()) for field in Contact._meta.concrete_fields]
        self._in_order = [self.fields[name] for name in FIELDS]
        self._numbers: Sequence[int] = ()
        self._stands_in: dict[str, int] = {}
        self._before: tuple[Any, ...] | None = None

    # ---- the header

    @classmethod
    def check_header(cls, header: Sequence[Any]) -> None:
        """Raises FileRefused: a misspelt column must not leave a field empty without a word."""
        known = list(COLUMNS.values())
        wrong = []
        for name in header:
            if not isinstance(name, str) or name not in known:
                near = difflib.get_close_matches(str(name).strip().title(), known, 1, 0.6)
                wrong.append(f"{str(name)[:40]!r}" + (f" (do you mean {near[0]!r}?)" if near else ""))
        if wrong:
            more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
            raise FileRefused(f"Unknown columns: {', '.join(wrong[:5])}{more}. There is: {', '.join(known)}.")
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise FileRefused(f"These columns stand there twice: {', '.join(twice)}.")
        if missing := [name for name in REQUIRED if name not in header]:
            raise FileRefused(f"These columns are missing: {', '.join(missing)}.")

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self._numbers = getattr(dataset, "numbers", ()) or range(2, len(dataset) + 2)
        try:
            self.check_header(dataset.headers or [])
        except FileRefused:
            del dataset[:]  # import-export goes on with the rows; there are none of this file
            raise

    # ---- a row

    def code_of(self, row: dict[str, Any]) -> str:
        """The row's code, or nothing where its cell holds none."""
        try:
            return self.fields["code"].clean(row)
        except (ValueError, KeyError):
            return ""

    def before_import_row(self, row: dict[str, Any], row_number: int = 0, **kwargs: Any) -> None:
        number = self._numbers[row_number - 1]
        if (code := self.code_of(row)) and (first := self._stands_in.setdefault(code, number)) != number:
            raise ValidationError({"code": f"{code!r} stands in row {first} already."})

    def get_import_fields(self) -> list[Field]:
        return self._in_order

    def import_field(
        self, field: Field, instance: Contact, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        """As import-export's own, without what only fields have that lead to other models."""
        if field.column_name in row:
            setattr(instance, field.attribute, field.widget.clean(row[field.column_name]))

    def init_instance(self, row: Any = None) -> Contact:
        return Contact(*self._defaults)  # given by place, which takes a third of the time that Django's own way takes

    def after_init_instance(self, instance: Contact, new: bool, row: dict[str, Any], **kwargs: Any) -> None:
        self._before = None if new else self._values(instance)

    def skip_row(
        self, instance: Contact, original: Any, row: dict[str, Any], import_validation_errors: Any = None
    ) -> bool:
        return not import_validation_errors and self._before == self._values(instance)

    def validate_instance(
        self, instance: Contact, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The model's full_clean, where a rule of the model is broken; that none is, is found in a third of the time.

        That a code is not taken, the loader and before_import_row have seen to: no query for each row.
        """
        if import_validation_errors or not keeps_the_rules(instance):
            super().validate_instance(instance, import_validation_errors, validate_unique=False)

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        for row in result.invalid_rows:
            row.number = self._numbers[row.number - 1]

    @staticmethod
    def _values(instance: Contact) -> tuple[Any, ...]:
        return tuple(getattr(instance, name) for name in FIELDS)

    # ---- a thousand rows

    def bulk_create(self, using_transactions: bool, dry_run: bool, raise_errors: bool, **kwargs: Any) -> None:
        self._write(self.create_instances, raise_errors, kwargs.get("result"))

    def bulk_update(self, using_transactions: bool, dry_run: bool, raise_errors: bool, **kwargs: Any) -> None:
        self._write(self.update_instances, raise_errors, kwargs.get("result"))

    def _write(self, instances: list[Contact], raise_errors: bool, result: Any) -> None:
        try:
            self.written += upsert(instances)
        except DatabaseError as error:
            self.handle_import_error(result, error, raise_errors)
        finally:
            instances.clear()


class PreviewedContactResource(ContactResource):
    """For the admin: shows what would change, and what would not."""

    class Meta(ContactResource.Meta):
        skip_diff = False
        report_skipped = True

    @classmethod
    def get_display_name(cls) -> str:
        return "Contacts"


class DefaultContactResource(ModelResource):
    """What import-export does when nothing is said: every field, by its own name, by the primary key, guessing."""

    class Meta:
        model = Contact
