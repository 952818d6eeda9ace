package io.github.pgpure.demo;

import java.util.List;

class SeatsTakenException extends RuntimeException {

    private final List<String> seats;

    SeatsTakenException(List<String> seats) {
        super(String.join(", ", seats) + (seats.size() == 1 ? " is" : " are") + " taken; nothing was reserved.");
        this.seats = seats;
    }

    List<String> seats() {
        return seats;
    }
}
