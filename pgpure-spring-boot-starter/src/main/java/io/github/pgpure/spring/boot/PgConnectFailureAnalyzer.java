package io.github.pgpure.spring.boot;

import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows what to do when the application cannot start because no connection to the database can be made. */
class PgConnectFailureAnalyzer extends AbstractFailureAnalyzer<PgException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, PgException cause) {
        String action = action(cause);
        return action == null
                ? null
                : new FailureAnalysis("pgpure could not connect: " + cause.getMessage(), action, cause);
    }

    private @Nullable String action(PgException cause) {
        if (cause instanceof PgServerException server) {
            return serverAction(server.sqlState());
        }
        if (cause instanceof PgAuthenticationException) {
            return "Set 'pgpure.username' and 'pgpure.password' to a role of the server and its password, and see in the server's "
                    + "pg_hba.conf which authentication it asks for.";
        }
        if (findCause(cause, SSLException.class) != null) {
            return "See that the bundle that 'pgpure.ssl.bundle' names trusts the server's certificate and that the certificate names "
                    + "the host; 'pgpure.ssl.mode' says how strictly it is verified.";
        }
        if (findCause(cause, UnknownHostException.class) != null
                || findCause(cause, UnresolvedAddressException.class) != null) {
            return "Correct the host name in 'pgpure.url' or 'pgpure.host'.";
        }
        if (cause instanceof PgConnectionException && mentionsTls(cause)) {
            return "Switch TLS on at the server (ssl = on in postgresql.conf), or set 'pgpure.ssl.mode' to 'prefer' or 'disable' where a "
                    + "connection without TLS is acceptable.";
        }
        if (cause instanceof PgConnectionException || findCause(cause, ConnectException.class) != null) {
            return "Start the PostgreSQL server, or correct the host and port in 'pgpure.url' or 'pgpure.host' and 'pgpure.port'; see "
                    + "that listen_addresses in its postgresql.conf and firewalls let this machine in.";
        }
        return null;
    }

    private static @Nullable String serverAction(String sqlState) {
        return switch (sqlState) {
            case "28P01" -> "Correct 'pgpure.username' and 'pgpure.password' (or both in 'pgpure.url').";
            case "28000" ->
                "See that the role in 'pgpure.username' exists and may log in, and that pg_hba.conf on the server lets it in "
                        + "from this machine, with this database and with the TLS that 'pgpure.ssl.mode' asks for.";
            case "3D000" ->
                "Create the database (CREATE DATABASE), or correct its name in 'pgpure.url' or 'pgpure.database'.";
            case "53300" ->
                "The server has no free connection slots: lower 'pgpure.pool.max-connections', or raise max_connections on the "
                        + "server; a pool of twice the processors plus one is enough for nearly everyone.";
            case "57P03" -> "The server is starting or stopping: try again in a moment.";
            default -> null;
        };
    }

    private static boolean mentionsTls(PgException cause) {
        return String.valueOf(cause.getMessage()).contains("sslmode");
    }
}
