"""What has changed between two runs? Run, Run -> Comparison -> text, Markdown, HTML, JSON, CSV, GitHub."""

from gradcheck.compare.changes import Change as Change
from gradcheck.compare.changes import Comparison as Comparison
from gradcheck.compare.changes import Grade as Grade
from gradcheck.compare.faces import render as render
from gradcheck.compare.pairs import compare as compare
