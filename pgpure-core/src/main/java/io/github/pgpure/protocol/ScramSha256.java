package io.github.pgpure.protocol;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.exception.ScramInvalidServerSignatureException;
import com.ongres.scram.common.exception.ScramServerErrorException;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM-SHA-256, with channel binding (SCRAM-SHA-256-PLUS) where the server offers it and its certificate is known.
 *
 * <p>Where the certificate is known but the server does not offer channel binding, the server is told so (the flag {@code y}),
 * and a genuine one that did offer it then notices that somebody in between took the offer out.
 * (<a href="https://www.postgresql.org/docs/current/sasl-authentication.html">manual</a>)
 */
final class ScramSha256 {

    /**
     * The iterations that a server may ask for. The default of {@code scram_iterations} is 4096; a server that is not what it
     * seems could ask for two billion of them and keep a core busy for half an hour. These take well below a second.
     */
    static final int MAX_ITERATIONS = 600_000;

    private static final String PLAIN = "SCRAM-SHA-256";
    private static final String PLUS = "SCRAM-SHA-256-PLUS";

    private enum Expected {
        SERVER_FIRST,
        SERVER_FINAL,
        NOTHING
    }

    private final ScramClient client;
    private Expected expected = Expected.SERVER_FIRST;
    private boolean verified;

    private ScramSha256(ScramClient client) {
        this.client = client;
    }

    /**
     * Chooses the best of the mechanisms offered.
     *
     * @param password asked only when one of them is supported
     */
    static ScramSha256 choose(List<String> offered, Supplier<String> password, byte @Nullable [] tlsServerEndPoint) {
        boolean canBind = tlsServerEndPoint != null && tlsServerEndPoint.length > 0;
        var acceptable = new ArrayList<String>();
        if (offered.contains(PLAIN)) {
            acceptable.add(PLAIN);
        }
        if (offered.contains(PLUS) && canBind) {
            acceptable.add(PLUS);
        }
        if (acceptable.isEmpty()) {
            throw new PgAuthenticationException(
                    offered.contains(PLUS)
                            ? "the server offers " + offered
                                    + " only, which needs TLS with a certificate to bind to: use"
                                    + " sslmode=require or better"
                            : "the server offers the SASL mechanisms " + offered
                                    + ", of which none is supported: have its" + " pg_hba.conf ask for scram-sha-256",
                    null);
        }
        try {
            return new ScramSha256(ScramClient.builder()
                    .advertisedMechanisms(acceptable)
                    .username("*") // PostgreSQL takes the name from the StartupMessage and ignores this one
                    .password(password.get().toCharArray())
                    .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
                    .channelBinding("tls-server-end-point", canBind ? tlsServerEndPoint : null)
                    .build());
        } catch (IllegalArgumentException e) {
            throw new PgAuthenticationException("SCRAM authentication could not begin", e);
        }
    }

    String mechanism() {
        return client.getScramMechanism().getName();
    }

    byte[] clientFirst() {
        return bytes(client.clientFirstMessage().toString());
    }

    /** Checks the server's first message and makes the client's proof. */
    byte[] clientFinal(byte[] serverFirst) {
        expect(Expected.SERVER_FIRST, Expected.SERVER_FINAL, "AuthenticationSASLContinue");
        int iterations;
        try {
            iterations = client.serverFirstMessage(text(serverFirst)).getIterationCount();
            if (iterations <= MAX_ITERATIONS) {
                return bytes(client.clientFinalMessage().toString());
            }
        } catch (ScramException | RuntimeException | AssertionError e) {
            // The library answers some malformed messages with a NullPointerException, or with an AssertionError under
            // -ea.
            throw new PgAuthenticationException(
                    "the server's first SCRAM message is malformed or no answer to ours: " + e.getMessage(), e);
        }
        throw new PgAuthenticationException(
                "the server asks for " + iterations + " SCRAM iterations, more than the limit of " + MAX_ITERATIONS
                        + ": set the password anew with a lower scram_iterations",
                null);
    }

    /** Checks the server's proof. */
    void verifyServer(byte[] serverFinal) {
        expect(Expected.SERVER_FINAL, Expected.NOTHING, "AuthenticationSASLFinal");
        try {
            client.serverFinalMessage(text(serverFinal));
            verified = true;
        } catch (ScramInvalidServerSignatureException e) {
            throw new PgAuthenticationException(
                    "the server could not prove that it knows the password: it may not be the server you think it is; check the"
                            + " address, and use sslmode=verify-full",
                    e);
        } catch (ScramServerErrorException e) {
            throw new PgAuthenticationException("the server refused SCRAM authentication: " + e.getMessage(), e);
        } catch (ScramException | IllegalArgumentException e) {
            throw new PgAuthenticationException("the server's final SCRAM message is malformed: " + e.getMessage(), e);
        }
    }

    boolean isServerVerified() {
        return verified;
    }

    private void expect(Expected now, Expected next, String message) {
        if (expected != now) {
            throw new PgProtocolException("the server sent " + message + " out of turn");
        }
        expected = next;
    }

    private static byte[] bytes(String message) {
        return message.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8);
    }
}
