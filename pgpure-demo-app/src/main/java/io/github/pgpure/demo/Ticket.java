package io.github.pgpure.demo;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A reservation as it can be looked up again. */
record Ticket(
        UUID reservationId,
        String show,
        String customer,
        List<String> seats,
        BigDecimal total,
        Receipt receipt,
        Instant createdAt) {}
