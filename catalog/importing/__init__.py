"""Files of products and users, brought in from CSV: looked at first, and imported whole or without their wrong lines.

importer.py is the door. file.py reads records, columns.py says which cells are right, other_kinds.py knows files of
something else; statements.py makes the SQL of it, which staging.py runs on temporary tables; rejected.py hands back the
wrong lines. Three come through it: Bulk import (views.py, history.py, its files in receiving.py and uploads.py), the
admin (admin.py, resource.py, admin_uploads.py) and `manage.py import_csv` (target.py). docs/csv.md says what a file may
hold; the way out is csv_export.py, beside this package.
"""

from .columns import KINDS
from .file import FileRefused
from .importer import Change, Fault, Judged, Preview, Report, import_file, preview

__all__ = ["KINDS", "Change", "Fault", "FileRefused", "Judged", "Preview", "Report", "import_file", "preview"]
