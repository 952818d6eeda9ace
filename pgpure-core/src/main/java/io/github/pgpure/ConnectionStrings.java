package io.github.pgpure;

/** Reads libpq's connection strings. */
final class ConnectionStrings {

    private ConnectionStrings() {}

    static PgConnectOptions.Builder parse(String connectionString) {
        throw new UnsupportedOperationException();
    }
}
