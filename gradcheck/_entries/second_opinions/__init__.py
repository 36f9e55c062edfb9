"""Which second opinions are asked before an estimate is used? Each family measures in its own way."""
