"""python-docx on the form that benches/forms.rs reads: bytes in, the text of every cell of every table out.

It stops there: no tick boxes, no content controls, no labels found. That is the work of forms/cells, and less than
that of forms/read.
"""

import io
import sys
from pathlib import Path

import docx

from timing import measure

form = Path(sys.argv[1]).read_bytes()
expected = sys.argv[2]


def walk(tables, found):
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                found.append(cell.text)
                walk(cell.tables, found)
    return found


def read():
    return walk(docx.Document(io.BytesIO(form)).tables, [])


assert any(expected in text for text in read()), "python-docx did not find the words the form holds"

measure("forms/read", read)
