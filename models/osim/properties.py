"""One number of one component in the text of a model file, multiplied; all else stays as it is."""

from __future__ import annotations


def scaled(text: str, kind: str, name: str, prop: str, factor: float) -> str:
    """Model text with property `prop` of the component `<kind name="name">` times `factor`.

    Raises ValueError unless the text holds that component once, with one such number.
    """
    opening, closing = f'<{kind} name="{name}">', f"</{kind}>"
    start = text.find(opening)
    end = text.find(closing, start)
    component = text[start:end]
    before, tag, rest = component.partition(f"<{prop}>")
    number, end_tag, after = rest.partition(f"</{prop}>")
    once = text.count(opening) == 1 and end > 0 and f"<{prop}>" not in after
    if not (once and tag and end_tag):
        raise ValueError(f"{name}: runner.osim holds no {prop} for it, or more than one")
    changed = f"{before}{tag}{float(number) * factor!r}{end_tag}{after}"
    return text[:start] + changed + text[end:]
