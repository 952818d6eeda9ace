package io.github.pgpure.demo;

import java.math.BigDecimal;
import java.util.UUID;

/** What has been reserved and what it costs. */
record Reservation(UUID reservationId, BigDecimal total) {}
