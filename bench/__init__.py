"""What a call costs, here and in the libraries beside it: CPU of the calling process, against one local upstream."""
