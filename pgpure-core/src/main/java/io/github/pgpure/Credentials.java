package io.github.pgpure;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whom to log in as, and with what; immutable. {@link #toString()} shows the user name alone.
 */
public final class Credentials {

    /** RFC 6750's b64token; anything else could break out of the message it travels in. */
    private static final String TOKEN = "[A-Za-z0-9\\-._~+/]+=*";

    private final String username;
    private final @Nullable String password;
    private final @Nullable String token;

    private Credentials(String username, @Nullable String password, @Nullable String token) {
        this.username = Objects.requireNonNull(username, "username");
        this.password = password;
        this.token = token;
    }

    /**
     * A user name with a password. The access tokens of cloud providers whose servers take them in place of a password are given
     * this way too.
     *
     * @param password the password, null for none
     */
    public static Credentials ofPassword(String username, @Nullable String password) {
        return new Credentials(username, password, null);
    }

    /**
     * A user name with an OAuth bearer token, for servers whose rules ask for {@code oauth} (PostgreSQL 18 and later;
     * <a href="https://www.postgresql.org/docs/current/auth-oauth.html">manual</a>).
     *
     * @throws IllegalArgumentException when the token has characters that no bearer token has; the message does not show it
     */
    public static Credentials ofToken(String username, String token) {
        if (!token.matches(TOKEN)) {
            throw new IllegalArgumentException(
                    "the bearer token is empty or has other characters than letters, digits and -._~+/");
        }
        return new Credentials(username, null, token);
    }

    /** The role to log in as. */
    public String username() {
        return username;
    }

    /** The password, null for none. */
    public @Nullable String password() {
        return password;
    }

    /** The OAuth bearer token, null for none. */
    public @Nullable String token() {
        return token;
    }

    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
