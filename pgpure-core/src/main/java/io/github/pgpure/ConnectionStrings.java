package io.github.pgpure;

import java.util.Map;

/**
 * Reads libpq's connection strings, in both forms, with libpq's rules
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">manual</a>).
 *
 * <p>Environment variables, {@code .pgpass} and service files are not read. No message shows the string or a part of it that
 * could belong to a password.
 */
final class ConnectionStrings {

    private ConnectionStrings() {}

    static PgConnectOptions.Builder parse(String connectionString) {
        Map<String, String> settings;
        if (ConnectionUri.isUri(connectionString)) {
            settings = ConnectionUri.parse(connectionString);
        } else {
            refuseOtherUris(connectionString);
            settings = KeywordValueString.parse(connectionString);
        }
        return ConnectionKeywords.apply(settings);
    }

    private static void refuseOtherUris(String connectionString) {
        if (connectionString.regionMatches(true, 0, "jdbc:", 0, 5)) {
            throw new IllegalArgumentException(
                    "this is a JDBC URL; write postgresql://user:password@host:5432/database instead:"
                            + " without \"jdbc:\", and with libpq's keywords (user, password, sslmode, connect_timeout …) after the ?");
        }
        int scheme = connectionString.indexOf("://");
        int equals = connectionString.indexOf('=');
        if (scheme >= 0 && (equals < 0 || scheme < equals)) {
            throw new IllegalArgumentException(
                    "the connection string is a URI of another scheme: it must begin with postgresql:// or postgres://");
        }
    }
}
