"""How is a value told in JSON and arrays, so that it can be made again? Without pickle: names, numbers, fields."""
