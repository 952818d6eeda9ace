package io.github.pgpure.demo;

/** The PostgreSQL enum {@code seat_status}, whose labels are these names in lower case. */
enum SeatStatus {
    FREE,
    RESERVED
}
