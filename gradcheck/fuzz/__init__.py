"""Does the checker stand up to networks that nobody thought of? It checks one random network after the other.

A right network must be found right: anything else is a false accusation, or a crash. A network with a mistake
planted in one of its layers must be found out. What fails is made as small as it can be, and written down.
"""

from gradcheck.fuzz.faces import render as render
from gradcheck.fuzz.search import MISSED as MISSED
from gradcheck.fuzz.search import Fuzz as Fuzz
from gradcheck.fuzz.search import judged as judged
from gradcheck.fuzz.told import verdict as verdict
