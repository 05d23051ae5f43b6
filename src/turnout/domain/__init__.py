"""The rules and the words, in pure Python: no input, no output."""
