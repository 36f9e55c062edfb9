"""Which numbers does double precision have? Its relative rounding, and the smallest there are."""

DOUBLE = 2.0**-52  # the distance from 1 to the next number
NORMAL = 2.0**-1022  # the smallest number with all its digits
LEAST = 2.0**-1074  # the smallest of all
