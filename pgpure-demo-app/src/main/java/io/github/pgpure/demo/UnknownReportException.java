package io.github.pgpure.demo;

import java.util.UUID;

class UnknownReportException extends RuntimeException {

    UnknownReportException(UUID id) {
        super("There is no report " + id + ".");
    }
}
