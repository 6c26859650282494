"""The index: the log, and what of it is kept, so that the next question need not read it again."""
