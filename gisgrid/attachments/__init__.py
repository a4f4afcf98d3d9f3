"""Photos and documents that prove what was done: how they are taken in, kept and handed out."""
