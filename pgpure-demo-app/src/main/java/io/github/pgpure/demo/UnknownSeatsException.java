package io.github.pgpure.demo;

import java.util.List;

class UnknownSeatsException extends RuntimeException {

    private final List<String> seats;

    UnknownSeatsException(List<String> seats) {
        super("The show does not have " + String.join(", ", seats) + ".");
        this.seats = seats;
    }

    List<String> seats() {
        return seats;
    }
}
