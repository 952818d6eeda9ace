package io.github.pgpure.demo;

import java.math.BigDecimal;
import java.util.List;

/** Kept with a reservation as {@code jsonb}: what each seat cost when it was sold. */
record Receipt(List<Line> lines) {

    record Line(String seat, BigDecimal price) {}

    static Receipt of(List<Seat> seats) {
        return new Receipt(
                seats.stream().map(seat -> new Line(seat.seat(), seat.price())).toList());
    }
}
