"""How is a value told in JSON and arrays, so that it can be made again? Without pickle: names, numbers, fields.

What cannot be made again (a lambda, a closure, a generator) is told as such, with the arrays that are found in it.
"""

from gradcheck._told.make import Maker as Maker
from gradcheck._told.tell import Teller as Teller
