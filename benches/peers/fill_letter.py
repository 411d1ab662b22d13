"""docxtpl on the template and the fields that benches/letters.rs fills: template bytes in, a finished Word file out."""

import io
import sys
import tomllib
from pathlib import Path

from docxtpl import DocxTemplate

from timing import measure

folder = Path(sys.argv[1])
template = (folder / "letter.docx").read_bytes()
fields = tomllib.loads((folder / "sample.toml").read_text(encoding="utf-8"))


def fill():
    letter = DocxTemplate(io.BytesIO(template))
    letter.render(fields, autoescape=True)
    finished = io.BytesIO()
    letter.save(finished)
    return finished.getvalue()


def words(finished):
    """All text of the letter, headers and footers with it."""
    import docx

    document = docx.Document(io.BytesIO(finished))
    stories = [document] + [part for s in document.sections for part in (s.header, s.footer)]
    return "\n".join(t.text or "" for s in stories for t in s._element.iter("{*}t"))


# A peer that leaves tags standing would be fast and wrong.
text = words(fill())
for expected in (fields["child_name"], fields["school_name"], fields["return_code"]):
    assert expected in text, f"docxtpl did not fill {expected!r}"
assert "{{" not in text and "{%" not in text, "docxtpl left a tag standing"

measure("letters/fill", fill)
