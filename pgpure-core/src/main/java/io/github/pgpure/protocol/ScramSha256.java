package io.github.pgpure.protocol;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.exception.ScramInvalidServerSignatureException;
import com.ongres.scram.common.exception.ScramServerErrorException;
import io.github.pgpure.ChannelBinding;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM-SHA-256, with channel binding (SCRAM-SHA-256-PLUS) where the server offers it and its certificate is known, or always,
 * or never.
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
    private static final StringPreparation PREPARATION = StringPreparation.POSTGRESQL_PREPARATION;

    private enum Expected {
        SERVER_FIRST,
        SERVER_FINAL,
        NOTHING
    }

    private final String password;
    private final ScramKeys known;
    private final List<String> acceptable;
    private final byte @Nullable [] bindingData;
    private final byte[] clientFirst;
    private ScramClient client;
    private Expected expected = Expected.SERVER_FIRST;
    private boolean verified;
    private ScramKeys.@Nullable Source source;
    private ScramKeys.@Nullable Keys keys;

    private ScramSha256(String password, ScramKeys known, List<String> acceptable, byte @Nullable [] bindingData) {
        this.password = password;
        this.known = known;
        this.acceptable = acceptable;
        this.bindingData = bindingData;
        try {
            this.client = build(start().password(password.toCharArray()));
        } catch (IllegalArgumentException e) {
            throw new PgAuthenticationException("SCRAM authentication could not begin", e);
        }
        this.clientFirst = bytes(client.clientFirstMessage().toString());
    }

    /**
     * Chooses the best of the mechanisms offered.
     *
     * @param password asked only when one of them is supported
     * @param known what is known from earlier logins
     */
    static ScramSha256 choose(
            List<String> offered,
            Supplier<String> password,
            byte @Nullable [] tlsServerEndPoint,
            ChannelBinding binding,
            ScramKeys known) {
        boolean canBind =
                binding != ChannelBinding.DISABLE && tlsServerEndPoint != null && tlsServerEndPoint.length > 0;
        var acceptable = new ArrayList<String>();
        if (offered.contains(PLAIN) && binding != ChannelBinding.REQUIRE) {
            acceptable.add(PLAIN);
        }
        if (offered.contains(PLUS) && canBind) {
            acceptable.add(PLUS);
        }
        if (acceptable.isEmpty()) {
            throw new PgAuthenticationException(noneAcceptable(offered, canBind, binding), null);
        }
        return new ScramSha256(password.get(), known, acceptable, canBind ? tlsServerEndPoint : null);
    }

    private static String noneAcceptable(List<String> offered, boolean canBind, ChannelBinding binding) {
        if (binding == ChannelBinding.REQUIRE && !canBind) {
            return "channel_binding=require needs TLS with a certificate to bind to, which this connection does not"
                    + " have: use sslmode=require or better";
        }
        if (binding == ChannelBinding.REQUIRE) {
            return "the server does not offer channel binding but " + offered + ", and channel_binding=require insists"
                    + " on it: somebody may be in between, or the server's pg_hba.conf has to ask for scram-sha-256";
        }
        if (offered.contains(PLUS)) {
            return "the server offers " + offered
                    + " only, which needs channel binding and TLS with a certificate to bind to: use"
                    + " sslmode=require or better, and channel_binding=prefer";
        }
        return "the server offers the SASL mechanisms " + offered
                + ", of which none is supported: have its pg_hba.conf ask for scram-sha-256"
                + (offered.contains(OAuthBearer.MECHANISM)
                        ? ", or give a token by PgConnectOptions.builder().credentials(…)"
                        : "");
    }

    private ScramClient.PasswordBuildStage start() {
        // PostgreSQL takes the name from the StartupMessage and ignores this one.
        return ScramClient.builder().advertisedMechanisms(acceptable).username("*");
    }

    private ScramClient build(ScramClient.FinalBuildStage stage) {
        return stage.stringPreparation(PREPARATION)
                .channelBinding("tls-server-end-point", bindingData)
                .build();
    }

    String mechanism() {
        return client.getScramMechanism().getName();
    }

    byte[] clientFirst() {
        return clientFirst;
    }

    /** Checks the server's first message and makes the client's proof. */
    byte[] clientFinal(byte[] serverFirst) {
        expect(Expected.SERVER_FIRST, Expected.SERVER_FINAL, "AuthenticationSASLContinue");
        int iterations;
        try {
            ServerFirstMessage message = client.serverFirstMessage(text(serverFirst));
            iterations = message.getIterationCount();
            if (iterations <= MAX_ITERATIONS) {
                return bytes(withKeys(message).clientFinalMessage().toString());
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

    /**
     * The same exchange by a client that has keys in place of the password: which ones is known only now, with the salt, and the
     * library's client takes them only at its beginning.
     */
    private ScramClient withKeys(ServerFirstMessage message) throws ScramException {
        source = new ScramKeys.Source(password, message.getSalt(), message.getIterationCount());
        keys = known.get(source);
        if (keys == null) {
            keys = derive(source);
        }
        String first = text(clientFirst);
        String nonce = first.substring(first.indexOf(",r=") + 3);
        client = build(
                start().clientAndServerKey(keys.clientKey(), keys.serverKey()).nonceSupplier(() -> nonce));
        if (!Arrays.equals(bytes(client.clientFirstMessage().toString()), clientFirst)) {
            throw new IllegalStateException("the exchange could not be repeated");
        }
        client.serverFirstMessage(message.toString());
        return client;
    }

    private static ScramKeys.Keys derive(ScramKeys.Source source) {
        byte[] salted = ScramFunctions.saltedPassword(
                ScramMechanism.SCRAM_SHA_256,
                PREPARATION,
                source.password().toCharArray(),
                Base64.getDecoder().decode(source.salt()),
                source.iterations());
        return new ScramKeys.Keys(
                ScramFunctions.clientKey(ScramMechanism.SCRAM_SHA_256, salted),
                ScramFunctions.serverKey(ScramMechanism.SCRAM_SHA_256, salted));
    }

    /** Checks the server's proof. */
    void verifyServer(byte[] serverFinal) {
        expect(Expected.SERVER_FINAL, Expected.NOTHING, "AuthenticationSASLFinal");
        try {
            client.serverFinalMessage(text(serverFinal));
            verified = true;
            if (source != null && keys != null) {
                known.put(source, keys);
            }
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
