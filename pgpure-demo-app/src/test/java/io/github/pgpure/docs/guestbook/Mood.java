package io.github.pgpure.docs.guestbook;

// tag::mood[]
enum Mood {
    HAPPY,
    CURIOUS
}
// end::mood[]
