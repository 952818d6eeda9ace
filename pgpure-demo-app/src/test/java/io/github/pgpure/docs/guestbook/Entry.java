package io.github.pgpure.docs.guestbook;

import java.time.Instant;
import java.util.List;

// tag::entry[]
record Entry(long id, String author, Mood mood, List<String> tags, Instant createdAt) {}
// end::entry[]
