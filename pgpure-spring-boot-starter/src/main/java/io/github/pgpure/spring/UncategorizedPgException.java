package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import org.springframework.dao.UncategorizedDataAccessException;

/** An error that no more specific class of Spring's hierarchy describes. */
public class UncategorizedPgException extends UncategorizedDataAccessException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was done, and the error's message
     * @param cause the error
     */
    public UncategorizedPgException(String message, PgException cause) {
        super(message, cause);
    }
}
