"""Who is asked before an estimate is believed? Each family of second opinions looks in a way of its own."""
