package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * The client refused to go on with authentication: a password is missing, the method is not supported or not
 * acceptable, or the server could not prove that it knows the password.
 *
 * <p>A password that the <em>server</em> refuses is an {@link InvalidPasswordException}.
 */
public class PgAuthenticationException extends PgConnectionException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what went wrong and what to do about it
     * @param cause the underlying error, or null
     */
    public PgAuthenticationException(String message, @Nullable Throwable cause) {
        super(message, Outcome.NOT_SENT, cause);
    }
}
