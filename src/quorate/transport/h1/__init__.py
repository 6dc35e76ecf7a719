"""Our own HTTP/1.1 client: a protocol over httptools' parser, for upstreams that no proxy leads to."""
