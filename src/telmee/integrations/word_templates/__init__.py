"""Letters in somebody's own Word template: fields filled in, and nothing else done."""

from telmee.integrations.word_templates.example import Line, Pairs, Rows, example_template
from telmee.integrations.word_templates.filling import TEMPLATE_BYTES_MAX, fill_template

__all__ = ["TEMPLATE_BYTES_MAX", "Line", "Pairs", "Rows", "example_template", "fill_template"]
