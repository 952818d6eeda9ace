package io.github.pgpure.bench;

import java.util.Map;

/** Where the server is and how to log in; goes to the measured JVMs in libpq's environment variables. */
record ServerAddress(String host, int port, String database, String username, String password, boolean tls) {

    static ServerAddress fromEnvironment() {
        Map<String, String> env = System.getenv();
        return new ServerAddress(
                env.getOrDefault("PGHOST", "localhost"),
                Integer.parseInt(env.getOrDefault("PGPORT", "5432")),
                env.getOrDefault("PGDATABASE", "postgres"),
                env.getOrDefault("PGUSER", "postgres"),
                env.getOrDefault("PGPASSWORD", ""),
                "require".equals(env.get("PGSSLMODE")));
    }

    void toEnvironment(Map<String, String> environment) {
        environment.put("PGHOST", host);
        environment.put("PGPORT", String.valueOf(port));
        environment.put("PGDATABASE", database);
        environment.put("PGUSER", username);
        environment.put("PGPASSWORD", password);
        environment.put("PGSSLMODE", sslMode());
    }

    ServerAddress withTls(boolean tls) {
        return new ServerAddress(host, port, database, username, password, tls);
    }

    /** All clients encrypt, none checks the certificate: a benchmark's server has none to trust. */
    String sslMode() {
        return tls ? "require" : "disable";
    }

    /** Without the password. */
    @Override
    public String toString() {
        return host + ":" + port + "/" + database + (tls ? " with TLS" : "");
    }
}
