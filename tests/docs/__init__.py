"""What the documents promise: examples run, tables agree with the code, links lead somewhere."""
