package io.github.pgpure.connection;

import io.github.pgpure.Credentials;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ProtocolVersion;
import io.github.pgpure.protocol.Authentication;
import io.github.pgpure.protocol.AuthenticationMessage;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationCleartextPassword;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationGSS;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationKerberosV5;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationMD5Password;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationOk;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationSASL;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationSASLContinue;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationSASLFinal;
import io.github.pgpure.protocol.AuthenticationMessage.AuthenticationSSPI;
import io.github.pgpure.protocol.AuthenticationPolicy;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.NegotiateProtocolVersion;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.protocol.FrontendMessage.PasswordMessage;
import io.github.pgpure.protocol.FrontendMessage.SASLInitialResponse;
import io.github.pgpure.protocol.FrontendMessage.SASLResponse;
import io.github.pgpure.protocol.FrontendMessage.StartupMessage;
import io.github.pgpure.protocol.ScramKeys;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens a session on a connection
 * (<a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP">manual</a>).
 */
final class Login {

    private final Wire wire;
    private final PgConnectOptions options;
    private final Credentials credentials;
    private final Authentication authentication;
    private ProtocolVersion version;
    private boolean authenticated;
    private @Nullable BackendKeyData key;

    Login(Wire wire, PgConnectOptions options, Credentials credentials, ScramKeys scramKeys) {
        this.wire = wire;
        this.options = options;
        this.credentials = credentials;
        this.version = options.maxProtocolVersion();
        Transport transport = wire.transport();
        boolean isPrivate = transport.isEncrypted() || transport.address() instanceof UnixDomainSocketAddress;
        this.authentication = new Authentication(
                credentials,
                transport.tlsServerEndPoint(),
                new AuthenticationPolicy(
                        options.requireAuth(), options.channelBinding(), isPrivate || options.allowCleartextPassword()),
                scramKeys);
    }

    /**
     * Logs in. The wire's own deadline limits the time until the first answer.
     *
     * @param deadline limits what comes after it
     * @return the key for cancel requests
     * @throws PgServerException when the server refuses
     */
    BackendKeyData run(Deadline deadline) throws IOException {
        wire.sendStartup(new StartupMessage(version.code(), parameters()));
        wire.flush();
        while (true) {
            BackendMessage message = wire.receive();
            wire.limitWaits(deadline, true, null);
            if (message instanceof ErrorResponse response) {
                throw PgServerException.of(response.error(), Outcome.NOT_SENT);
            } else if (!authenticated && message instanceof AuthenticationMessage request) {
                answer(request);
            } else if (!authenticated && message instanceof NegotiateProtocolVersion offer) {
                negotiate(offer);
            } else if (authenticated && message instanceof BackendKeyData data) {
                key = data;
            } else if (authenticated && message instanceof ReadyForQuery) {
                wire.established();
                // Some poolers give no key; their cancel requests could reach nobody.
                return key != null ? key : new BackendKeyData(0, new byte[4]);
            } else {
                throw new PgProtocolException(
                        "the server sent " + message.getClass().getSimpleName() + " during the login");
            }
        }
    }

    /** The server does not know the version that was asked for, and says which it does. */
    private void negotiate(NegotiateProtocolVersion offer) {
        // The manual calls the number the minor version; servers send the whole version. Poolers may do either.
        int code = offer.minorVersion() >>> 16 == 0
                ? ProtocolVersion.V3_0.code() | offer.minorVersion()
                : offer.minorVersion();
        if (options.maxProtocolVersion() == ProtocolVersion.V3_0
                || !offer.unrecognizedOptions().isEmpty()) {
            // We asked for the oldest version there is, or for no options: nothing to give in to.
            throw new PgProtocolException("the server wants to negotiate what was not asked for");
        }
        // PgBouncer is known to say it twice.
        if (code > version.code()) {
            throw new PgProtocolException("the server offers a newer protocol version than was asked for");
        }
        for (ProtocolVersion known : ProtocolVersion.values()) {
            if (known.code() == code) {
                if (known.compareTo(options.minProtocolVersion()) < 0) {
                    throw new PgConnectionException(
                            "the server speaks protocol " + known.keyword() + " at most, and min_protocol_version is "
                                    + options.minProtocolVersion().keyword()
                                    + ": lower it, or use a newer server",
                            Outcome.NOT_SENT,
                            null);
                }
                version = known;
                return;
            }
        }
        throw new PgProtocolException(
                "the server offers a protocol version that does not exist: " + (code >>> 16) + "." + (code & 0xffff));
    }

    private void answer(AuthenticationMessage request) throws IOException {
        if (request instanceof AuthenticationOk) {
            authentication.ok();
            authenticated = true;
        } else if (request instanceof AuthenticationSASLFinal last) {
            authentication.saslFinal(last.data());
        } else {
            wire.sendPart(reply(request));
            wire.flush();
        }
    }

    private FrontendMessage reply(AuthenticationMessage request) {
        if (request instanceof AuthenticationSASL sasl) {
            Authentication.InitialResponse response = authentication.sasl(sasl.mechanisms());
            return new SASLInitialResponse(response.mechanism(), response.data());
        }
        if (request instanceof AuthenticationSASLContinue challenge) {
            return new SASLResponse(authentication.saslContinue(challenge.data()));
        }
        if (request instanceof AuthenticationMD5Password md5) {
            return new PasswordMessage(authentication.md5Password(md5.salt()));
        }
        if (request instanceof AuthenticationCleartextPassword) {
            return new PasswordMessage(authentication.cleartextPassword());
        }
        String method = request instanceof AuthenticationKerberosV5
                ? "Kerberos V5"
                : request instanceof AuthenticationGSS
                        ? "GSSAPI"
                        : request instanceof AuthenticationSSPI ? "SSPI" : request.toString();
        throw authentication.unsupported(method);
    }

    private Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", credentials.username());
        parameters.put("database", options.database());
        // The converters rely on these.
        parameters.put("client_encoding", "UTF8");
        parameters.put("DateStyle", "ISO");
        parameters.putAll(options.startupParameters());
        return parameters;
    }
}
