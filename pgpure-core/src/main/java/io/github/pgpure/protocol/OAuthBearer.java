package io.github.pgpure.protocol;

import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * The SASL mechanism OAUTHBEARER: the token goes out with the first message, and a server that does not accept it says why before it ends
 * the session (<a href="https://www.postgresql.org/docs/current/sasl-authentication.html#SASL-OAUTHBEARER">manual</a>, RFC 7628).
 */
final class OAuthBearer {

    static final String MECHANISM = "OAUTHBEARER";

    /** Separates the pairs of a message. */
    private static final char SEPARATOR = 1;

    private final String token;
    private boolean refused;

    OAuthBearer(String token) {
        this.token = token;
    }

    byte[] clientFirst() {
        return ("n,," + SEPARATOR + "auth=Bearer " + token + SEPARATOR + SEPARATOR).getBytes(StandardCharsets.US_ASCII);
    }

    /** Takes the server's reasons to refuse the token, and acknowledges them: its error comes then. */
    byte[] acknowledgeRefusal() {
        if (refused) {
            throw new PgProtocolException("the server refused the bearer token twice");
        }
        refused = true;
        return new byte[] {(byte) SEPARATOR};
    }

    void ok() {
        if (refused) {
            throw new PgAuthenticationException("the server refused the bearer token and logged in all the same", null);
        }
    }
}
