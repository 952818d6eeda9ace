package io.github.pgpure.convert;

/**
 * Says inside this package why a value does not convert; leaves it as a {@link io.github.pgpure.ConversionException}.
 *
 * <p>Its message never shows the value, so it can be shown to anybody. No stack trace: where it happened is clear.
 */
final class ValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ValueException(String message) {
        super(message, null, false, false);
    }

    static ValueException length(int actual, int expected) {
        return new ValueException("the server sent " + actual + " bytes where " + expected + " are expected");
    }
}
