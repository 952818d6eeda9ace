package io.github.pgpure.demo;

import java.math.BigDecimal;

/** One seat of one show. */
record Seat(String seat, SeatStatus status, BigDecimal price) {}
