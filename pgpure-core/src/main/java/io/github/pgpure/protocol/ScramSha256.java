package io.github.pgpure.protocol;

import io.github.pgpure.ChannelBinding;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
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
 * (<a href="https://www.postgresql.org/docs/current/sasl-authentication.html">manual</a>,
 * <a href="https://www.rfc-editor.org/rfc/rfc5802">RFC 5802</a>)
 */
final class ScramSha256 {

    /**
     * The iterations that a server may ask for. The default of {@code scram_iterations} is 4096; a server that is not what it
     * seems could ask for two billion of them and keep a core busy for half an hour. These take well below a second.
     */
    static final int MAX_ITERATIONS = 600_000;

    private static final String PLAIN = "SCRAM-SHA-256";
    private static final String PLUS = "SCRAM-SHA-256-PLUS";
    private static final int NONCE_BYTES = 18;
    private static final SecureRandom RANDOM = new SecureRandom();

    private enum Expected {
        SERVER_FIRST,
        SERVER_FINAL,
        NOTHING
    }

    private final String password;
    private final ScramKeys known;
    private final boolean plus;

    /** What is said about channel binding, and what is bound to. */
    private final String gs2Header;

    private final byte[] bindingData;
    private final String nonce;
    private Expected expected = Expected.SERVER_FIRST;
    private boolean verified;
    private ScramKeys.@Nullable Source source;
    private ScramKeys.@Nullable Keys keys;
    private byte @Nullable [] serverSignature;

    private ScramSha256(String password, ScramKeys known, String gs2Header, byte[] bindingData) {
        this.password = password;
        this.known = known;
        this.plus = gs2Header.startsWith("p=");
        this.gs2Header = gs2Header;
        this.bindingData = bindingData;
        byte[] random = new byte[NONCE_BYTES];
        RANDOM.nextBytes(random);
        this.nonce = base64(random);
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
        byte[] endPoint = tlsServerEndPoint == null ? new byte[0] : tlsServerEndPoint;
        boolean canBind = binding != ChannelBinding.DISABLE && endPoint.length > 0;
        if (offered.contains(PLUS) && canBind) {
            return new ScramSha256(password.get(), known, "p=tls-server-end-point,,", endPoint);
        }
        if (offered.contains(PLAIN) && binding != ChannelBinding.REQUIRE) {
            return new ScramSha256(password.get(), known, canBind ? "y,," : "n,,", new byte[0]);
        }
        throw new PgAuthenticationException(noneAcceptable(offered, canBind, binding), null);
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

    String mechanism() {
        return plus ? PLUS : PLAIN;
    }

    byte[] clientFirst() {
        return bytes(gs2Header + clientFirstBare());
    }

    private String clientFirstBare() {
        // PostgreSQL takes the name from the StartupMessage and ignores this one.
        return "n=*,r=" + nonce;
    }

    /** Checks the server's first message and makes the client's proof. */
    byte[] clientFinal(byte[] serverFirst) {
        expect(Expected.SERVER_FIRST, Expected.SERVER_FINAL, "AuthenticationSASLContinue");
        String first = text(serverFirst);
        String[] attributes = first.split(",");
        String bothNonces = attribute(attributes, 0, "r=");
        String salt = attribute(attributes, 1, "s=");
        int iterations = iterations(attribute(attributes, 2, "i="));
        if (bothNonces.length() <= nonce.length() || !bothNonces.startsWith(nonce)) {
            throw malformedFirst("its nonce does not continue ours");
        }
        if (iterations > MAX_ITERATIONS) {
            throw new PgAuthenticationException(
                    "the server asks for " + iterations + " SCRAM iterations, more than the limit of " + MAX_ITERATIONS
                            + ": set the password anew with a lower scram_iterations",
                    null);
        }
        ScramKeys.Keys found = keys(new ScramKeys.Source(password, salt, iterations));
        byte[] header = bytes(gs2Header);
        byte[] bound = Arrays.copyOf(header, header.length + bindingData.length);
        System.arraycopy(bindingData, 0, bound, header.length, bindingData.length);
        String withoutProof = "c=" + base64(bound) + ",r=" + bothNonces;
        byte[] authMessage = bytes(clientFirstBare() + "," + first + "," + withoutProof);
        serverSignature = new HmacSha256(found.serverKey()).of(authMessage);
        byte[] proof = new HmacSha256(HmacSha256.hash(found.clientKey())).of(authMessage);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= found.clientKey()[i];
        }
        return bytes(withoutProof + ",p=" + base64(proof));
    }

    /** One that has to be there, and not empty. */
    private static String attribute(String[] attributes, int index, String name) {
        if (index >= attributes.length
                || !attributes[index].startsWith(name)
                || attributes[index].length() == name.length()) {
            throw malformedFirst("it has no " + name + " where it should");
        }
        return attributes[index].substring(name.length());
    }

    private static int iterations(String digits) {
        try {
            int iterations = Integer.parseInt(digits);
            if (iterations > 0) {
                return iterations;
            }
        } catch (NumberFormatException e) {
            // It is no number at all, or too large for one.
        }
        throw malformedFirst("its iteration count is no number from 1 to " + Integer.MAX_VALUE);
    }

    private ScramKeys.Keys keys(ScramKeys.Source from) {
        ScramKeys.Keys found = known.get(from);
        if (found == null) {
            try {
                found = ScramPassword.derive(from);
            } catch (IllegalArgumentException e) {
                throw malformedFirst("its salt is not base64");
            }
        }
        source = from;
        keys = found;
        return found;
    }

    private static PgAuthenticationException malformedFirst(String reason) {
        return new PgAuthenticationException(
                "the server's first SCRAM message is malformed or no answer to ours: " + reason, null);
    }

    /** Checks the server's proof. */
    void verifyServer(byte[] serverFinal) {
        expect(Expected.SERVER_FINAL, Expected.NOTHING, "AuthenticationSASLFinal");
        String message = text(serverFinal);
        if (message.startsWith("e=")) {
            throw new PgAuthenticationException(
                    "the server refused SCRAM authentication: " + message.substring(2), null);
        }
        if (!message.startsWith("v=")) {
            throw new PgAuthenticationException("the server's final SCRAM message is malformed: it has no v=", null);
        }
        int end = message.indexOf(',');
        String signature = message.substring(2, end < 0 ? message.length() : end);
        // In constant time, so that the time tells nothing about how much of a guess is right.
        if (serverSignature == null || !MessageDigest.isEqual(bytes(signature), bytes(base64(serverSignature)))) {
            throw new PgAuthenticationException(
                    "the server could not prove that it knows the password: it may not be the server you think it is; check the"
                            + " address, and use sslmode=verify-full",
                    null);
        }
        verified = true;
        if (source != null && keys != null) {
            known.put(source, keys);
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

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(String message) {
        return message.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8);
    }
}
