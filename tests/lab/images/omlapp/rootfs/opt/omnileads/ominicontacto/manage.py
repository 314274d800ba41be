#!/usr/bin/env python3
# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""Django's commands."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ominicontacto.settings.production")
    execute_from_command_line(sys.argv)
