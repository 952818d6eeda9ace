package io.github.pgpure.protocol;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.ChannelBinding;
import io.github.pgpure.Credentials;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one authentication: one method per request of the server, each giving what to answer.
 *
 * <p>The server may choose one method, once: a server that has begun one and asks for another is refused, since it could
 * otherwise get hold of the password it could not prove to know. With SCRAM-SHA-256 the server has to prove that it knows the
 * password before {@code AuthenticationOk} is accepted.
 *
 * <p>For one session, and for one thread at a time.
 * (<a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP">manual</a>)
 */
public final class Authentication {

    private final Credentials credentials;
    private final byte @Nullable [] tlsServerEndPoint;
    private final AuthenticationPolicy policy;
    private final ScramKeys scramKeys;

    /** What the server asked for, null before that. */
    private @Nullable String method;

    private @Nullable ScramSha256 scram;
    private @Nullable OAuthBearer bearer;

    /**
     * One that accepts everything.
     *
     * @param username the role to log in as
     * @param password its password; null or empty for none, which is an error only when the server asks for it
     * @param tlsServerEndPoint see the other constructor
     */
    public Authentication(String username, @Nullable String password, byte @Nullable [] tlsServerEndPoint) {
        this(
                Credentials.ofPassword(username, password),
                tlsServerEndPoint,
                AuthenticationPolicy.LENIENT,
                ScramKeys.NONE);
    }

    /**
     * One that accepts what the policy does.
     *
     * @param credentials the role to log in as, with its password or token
     * @param tlsServerEndPoint the channel binding data of the TLS session, type {@code tls-server-end-point} (the hash of the
     *     server's certificate); null without TLS, or where it cannot be had
     * @param scramKeys what is known from earlier logins
     */
    public Authentication(
            Credentials credentials,
            byte @Nullable [] tlsServerEndPoint,
            AuthenticationPolicy policy,
            ScramKeys scramKeys) {
        this.credentials = credentials;
        this.tlsServerEndPoint = tlsServerEndPoint;
        this.policy = policy;
        this.scramKeys = scramKeys;
    }

    /**
     * Answers {@code AuthenticationCleartextPassword}.
     *
     * @return the content of a {@code PasswordMessage}
     * @throws PgAuthenticationException when there is no password, or it must not be sent like this
     */
    public String cleartextPassword() {
        begin("a cleartext password");
        accept(AuthenticationMethod.PASSWORD, "a cleartext password");
        mayReveal("the password of \"" + credentials.username() + "\" in clear text");
        return password();
    }

    /**
     * Answers {@code AuthenticationMD5Password}.
     *
     * @param salt the salt of the request
     * @return the content of a {@code PasswordMessage}
     * @throws PgAuthenticationException when there is no password, or the method is not acceptable
     */
    public String md5Password(byte[] salt) {
        begin("an MD5 password");
        accept(AuthenticationMethod.MD5, "an MD5 password");
        String stored = md5(
                password().getBytes(StandardCharsets.UTF_8),
                credentials.username().getBytes(StandardCharsets.UTF_8));
        return "md5" + md5(stored.getBytes(StandardCharsets.US_ASCII), salt);
    }

    /**
     * Answers {@code AuthenticationSASL}.
     *
     * @param mechanisms the mechanisms the server offers, in its order of preference
     * @return the content of a {@code SASLInitialResponse}
     * @throws PgAuthenticationException when there is no password or token, or none of the mechanisms is supported and acceptable
     */
    public InitialResponse sasl(List<String> mechanisms) {
        begin("SASL");
        String token = credentials.token();
        if (mechanisms.contains(OAuthBearer.MECHANISM) && token != null) {
            accept(AuthenticationMethod.OAUTH, "an OAuth token");
            mayReveal("an OAuth token");
            bearer = new OAuthBearer(token);
            return new InitialResponse(OAuthBearer.MECHANISM, bearer.clientFirst());
        }
        boolean onlyToken = mechanisms.equals(List.of(OAuthBearer.MECHANISM));
        accept(
                onlyToken ? AuthenticationMethod.OAUTH : AuthenticationMethod.SCRAM_SHA_256,
                onlyToken ? "an OAuth token" : "SCRAM-SHA-256");
        scram = ScramSha256.choose(mechanisms, this::password, tlsServerEndPoint, policy.channelBinding(), scramKeys);
        return new InitialResponse(scram.mechanism(), scram.clientFirst());
    }

    /**
     * Answers {@code AuthenticationSASLContinue}.
     *
     * @param data the server's data
     * @return the content of a {@code SASLResponse}
     * @throws PgAuthenticationException when the server's data is malformed, is not an answer to ours, or asks for more than
     *     {@value ScramSha256#MAX_ITERATIONS} iterations
     */
    public byte[] saslContinue(byte[] data) {
        if (bearer != null) {
            return bearer.acknowledgeRefusal();
        }
        return begunScram("AuthenticationSASLContinue").clientFinal(data);
    }

    /**
     * Takes {@code AuthenticationSASLFinal}, the server's proof that it knows the password.
     *
     * @param data the server's data
     * @throws PgAuthenticationException when it is no proof
     */
    public void saslFinal(byte[] data) {
        begunScram("AuthenticationSASLFinal").verifyServer(data);
    }

    /**
     * Takes {@code AuthenticationOk}.
     *
     * @throws PgAuthenticationException when the server still owes the proof that it knows the password, or something that has to be
     *     proved was not asked for
     */
    public void ok() {
        if (method == null) {
            accept(AuthenticationMethod.NONE, "no authentication");
        }
        if (bearer != null) {
            bearer.ok();
        }
        if (scram != null && !scram.isServerVerified()) {
            throw new PgAuthenticationException(
                    "the server ended SCRAM authentication without proving that it knows the password of \""
                            + credentials.username()
                            + "\": it may not be the server you think it is; check the address, and use sslmode=verify-full",
                    null);
        }
    }

    /**
     * The error for a request that is not supported: Kerberos, GSSAPI or SSPI.
     *
     * @param requested the method the server asked for
     */
    public PgAuthenticationException unsupported(String requested) {
        return new PgAuthenticationException(
                "the server asks for " + requested + " authentication of \"" + credentials.username()
                        + "\", which is not supported: have its pg_hba.conf ask for scram-sha-256",
                null);
    }

    @Override
    public String toString() {
        return "Authentication[" + credentials.username() + ", " + (method == null ? "not begun" : method) + "]";
    }

    private void begin(String requested) {
        if (method != null) {
            throw new PgProtocolException(
                    "the server asked for " + requested + " after it had asked for " + method + " already");
        }
        method = requested;
    }

    /** Refuses what the policy does not accept, before anything of the credentials is used. */
    private void accept(AuthenticationMethod wanted, String description) {
        if (!policy.acceptable().contains(wanted)) {
            throw new PgAuthenticationException(
                    "the server asks for " + description + ", but require_auth accepts only "
                            + policy.acceptable().stream()
                                    .map(AuthenticationMethod::keyword)
                                    .sorted()
                                    .toList()
                            + ": check that it is the right server and its pg_hba.conf, or change require_auth",
                    null);
        }
        if (policy.channelBinding() == ChannelBinding.REQUIRE && wanted != AuthenticationMethod.SCRAM_SHA_256) {
            throw new PgAuthenticationException(
                    "the server asks for " + description + ", which cannot be bound to the TLS session as"
                            + " channel_binding=require insists: check that it is the right server, and have its pg_hba.conf"
                            + " ask for scram-sha-256",
                    null);
        }
    }

    private void mayReveal(String what) {
        if (!policy.mayReveal()) {
            throw new PgAuthenticationException(
                    "the server asks for " + what
                            + " over a connection without TLS, where everybody on the way could read"
                            + " it: use sslmode=require or better, have the server's pg_hba.conf ask for scram-sha-256, or allow it with"
                            + " allow_cleartext_password=true",
                    null);
        }
    }

    private ScramSha256 begunScram(String message) {
        if (scram == null) {
            throw new PgProtocolException("the server sent " + message + " without AuthenticationSASL before it");
        }
        return scram;
    }

    private String password() {
        String password = credentials.password();
        if (password == null || password.isEmpty()) {
            throw new PgAuthenticationException(
                    "the server asks for the password of \"" + credentials.username()
                            + "\", but none is configured: set the password in the connection options or the connection string"
                            + (credentials.token() == null ? "" : "; a token is only for servers that ask for oauth"),
                    null);
        }
        return password;
    }

    private static String md5(byte[] first, byte[] second) {
        try {
            var digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            return HexFormat.of().formatHex(digest.digest(second));
        } catch (NoSuchAlgorithmException e) {
            throw new PgAuthenticationException(
                    "the server asks for an MD5 password, but this JVM has no MD5: use scram-sha-256", e);
        }
    }

    /**
     * The content of a {@code SASLInitialResponse}.
     *
     * @param mechanism the mechanism chosen
     * @param data its first message
     */
    public record InitialResponse(String mechanism, byte[] data) {}
}
