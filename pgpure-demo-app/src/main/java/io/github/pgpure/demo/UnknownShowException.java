package io.github.pgpure.demo;

class UnknownShowException extends RuntimeException {

    UnknownShowException(long id) {
        super("There is no show " + id + ".");
    }
}
