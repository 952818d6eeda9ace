package io.github.pgpure.demo;

import java.time.Instant;

/** A show and how many of its seats can still be had. */
record Show(long id, String title, Instant startsAt, long capacity, long free) {}
