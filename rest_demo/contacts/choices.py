"""What one may choose when contacts are imported or exported. Needs no Django: the command's parser asks too."""

from typing import Literal, get_args

Mode = Literal["all-or-nothing", "keep-good-rows"]
MODES: tuple[Mode, ...] = get_args(Mode)
FORMATS = ("csv", "xlsx", "json")
ENCODINGS = ("utf-8", "utf-16", "cp1251", "cp1252", "koi8-r", "latin-1")
