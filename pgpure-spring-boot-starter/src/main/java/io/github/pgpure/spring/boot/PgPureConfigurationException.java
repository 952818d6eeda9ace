package io.github.pgpure.spring.boot;

import org.jspecify.annotations.Nullable;

/** The application's configuration of pgpure cannot work; says what to do about it. */
public class PgPureConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    /**
     * @param description what is wrong; never shows a password
     * @param action what to do about it
     * @param cause the underlying error, or null
     */
    public PgPureConfigurationException(String description, String action, @Nullable Throwable cause) {
        super(description, cause);
        this.action = action;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
