package io.github.pgpure.demo;

import java.util.UUID;

class UnknownReservationException extends RuntimeException {

    UnknownReservationException(UUID id) {
        super("There is no reservation " + id + ".");
    }
}
