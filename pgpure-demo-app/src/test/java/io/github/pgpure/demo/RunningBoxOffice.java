package io.github.pgpure.demo;

import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.web.servlet.client.RestTestClient;

/** The whole application, as its main method starts it, on a free port and in a database of its own. */
final class RunningBoxOffice implements AutoCloseable {

    private final String database;
    private final ConfigurableApplicationContext context;

    private RunningBoxOffice(String database, ConfigurableApplicationContext context) {
        this.database = database;
        this.context = context;
    }

    static RunningBoxOffice start(String database, String... properties) {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(database);
        List<String> arguments = new ArrayList<>();
        arguments.add("--server.port=0");
        arguments.add("--pgpure.url=" + server.uri(database));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new RunningBoxOffice(
                database, SpringApplication.run(BoxOfficeApplication.class, arguments.toArray(String[]::new)));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    String url() {
        return url(context);
    }

    RestTestClient client() {
        return client(context);
    }

    static String url(ConfigurableApplicationContext context) {
        return "http://localhost:"
                + ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    static RestTestClient client(ConfigurableApplicationContext context) {
        return RestTestClient.bindToServer().baseUrl(url(context)).build();
    }

    /** How many backends of this application's database work on a statement like this one right now. */
    long backendsRunning(String pattern) {
        return Long.parseLong(PostgresServer.shared()
                .query("select count(*) from pg_stat_activity where state = 'active' and datname = '" + database
                        + "' and query like '" + pattern + "'"));
    }

    /** Terminates every backend that serves this application. */
    void killBackends() {
        PostgresServer.shared()
                .query("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '" + database
                        + "'");
    }

    @Override
    public void close() {
        context.close();
        PostgresServer.shared().dropDatabase(database);
    }
}
