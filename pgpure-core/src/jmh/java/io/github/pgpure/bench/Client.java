package io.github.pgpure.bench;

import java.util.regex.Pattern;

/** The clients that are compared, and the least that each of them has to do. Each is measured with no more on its class path than it needs. */
enum Client {
    PGPURE("pgpure", "PgPureClient", "slf4j-api|jspecify|saslprep|stringprep|tls-channel"),
    PGJDBC("pgjdbc + HikariCP", "PgJdbcClient", "slf4j-api|postgresql-\\d|HikariCP|checker-qual"),
    AGROAL("pgjdbc + Agroal", "AgroalClient", "slf4j-api|postgresql-\\d|agroal|jboss|wildfly|checker-qual"),
    VERTX("Vert.x", "VertxClient", "slf4j-api|scram-|saslprep|stringprep|vertx-|netty-|jackson-(core|annotations)"),
    READY_BYTES("ready bytes, no client", "ReadyBytesClient", "jspecify|scram-|saslprep|stringprep");

    private final String title;
    private final String className;
    private final Pattern jars;

    Client(String title, String className, String jars) {
        this.title = title;
        this.className = className;
        this.jars = Pattern.compile("(" + jars + ").*\\.jar");
    }

    String title() {
        return title;
    }

    String className() {
        return Client.class.getPackageName() + "." + className;
    }

    /** Whether it needs the jar of this file name. */
    boolean needs(String jar) {
        return jars.matcher(jar).matches();
    }
}
