package io.github.pgpure;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * A way in which a server can have a client prove who it is, as {@code require_auth} names them
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH">manual</a>).
 */
public enum AuthenticationMethod {
    /** The server asks for nothing: {@code trust}, {@code peer} and {@code cert} in its rules look like this. */
    NONE,
    /** The password in clear text. */
    PASSWORD,
    /** The password hashed with MD5. */
    MD5,
    /** Kerberos, which pgpure does not support. */
    GSS,
    /** Windows' Kerberos, which pgpure does not support. */
    SSPI,
    /** SCRAM-SHA-256, with or without channel binding. */
    SCRAM_SHA_256,
    /** An OAuth bearer token. */
    OAUTH;

    /** The spelling of connection strings, {@code scram-sha-256} for example. */
    public String keyword() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static final Set<AuthenticationMethod> ALL = Collections.unmodifiableSet(EnumSet.allOf(AuthenticationMethod.class));

    /**
     * Reads the list of {@code require_auth}: methods separated by commas that are acceptable, or, each with a {@code !} before it, that
     * are not.
     *
     * @throws IllegalArgumentException when it is not such a list
     */
    static Set<AuthenticationMethod> parse(String list) {
        Set<AuthenticationMethod> named = EnumSet.noneOf(AuthenticationMethod.class);
        boolean negated = list.strip().startsWith("!");
        for (String part : list.split(",", -1)) {
            String word = part.strip();
            if (word.startsWith("!") != negated) {
                throw new IllegalArgumentException(
                        "require_auth must name methods either all with or all without \"!\", not \"" + list + "\"");
            }
            if (!named.add(of(negated ? word.substring(1).strip() : word))) {
                throw new IllegalArgumentException("require_auth names \"" + word + "\" twice");
            }
        }
        return negated ? EnumSet.complementOf(EnumSet.copyOf(named)) : named;
    }

    private static AuthenticationMethod of(String word) {
        for (AuthenticationMethod method : values()) {
            if (method.keyword().equals(word)) {
                return method;
            }
        }
        throw new IllegalArgumentException(
                "require_auth must be a list of none, password, md5, gss, sspi, scram-sha-256 and oauth, or of those"
                        + " with \"!\", not \"" + word + "\"");
    }
}
