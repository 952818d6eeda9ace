package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
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
import java.io.IOException;
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
    private final Authentication authentication;
    private boolean authenticated;
    private @Nullable BackendKeyData key;

    Login(Wire wire, PgConnectOptions options) {
        this.wire = wire;
        this.options = options;
        this.authentication = new Authentication(
                options.username(), options.password(), wire.transport().tlsServerEndPoint());
    }

    /**
     * Logs in.
     *
     * @return the key for cancel requests
     * @throws PgServerException when the server refuses
     */
    BackendKeyData run() throws IOException {
        wire.sendStartup(new StartupMessage(StartupMessage.VERSION_3_0, parameters()));
        wire.flush();
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ErrorResponse response) {
                throw PgServerException.of(response.error(), Outcome.NOT_SENT);
            } else if (!authenticated && message instanceof AuthenticationMessage request) {
                answer(request);
            } else if (message instanceof NegotiateProtocolVersion) {
                // We asked for the oldest version there is and for no options: nothing to give in to.
                throw new PgProtocolException("the server does not speak protocol 3.0");
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
        parameters.put("user", options.username());
        parameters.put("database", options.database());
        parameters.putAll(options.startupParameters());
        // The converters rely on these.
        parameters.put("client_encoding", "UTF8");
        parameters.put("DateStyle", "ISO");
        return parameters;
    }
}
