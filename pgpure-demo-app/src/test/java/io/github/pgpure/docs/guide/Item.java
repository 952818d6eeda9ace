package io.github.pgpure.docs.guide;

record Item(long id, String name) {}
