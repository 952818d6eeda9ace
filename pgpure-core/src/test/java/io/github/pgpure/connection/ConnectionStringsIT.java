package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.test.PostgresServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What connection strings ask for is what the session has. */
class ConnectionStringsIT {

    private static final PostgresServer SERVER = PostgresServer.embedded();

    @Test
    void settingsReachTheServer() {
        String uri = SERVER.uri() + (SERVER.uri().contains("?") ? "&" : "?")
                + "application_name=box%20office&options=-c%20search_path%3Dpg_catalog%20-c%20work_mem%3D7MB&client_encoding=UTF8";
        try (var connection = PgConnection.open(uri)) {
            assertThat(show(connection, "application_name")).isEqualTo("box office");
            assertThat(show(connection, "search_path")).isEqualTo("pg_catalog");
            assertThat(show(connection, "work_mem")).isEqualTo("7MB");
            assertThat(show(connection, "client_encoding")).isEqualTo("UTF8");
        }
    }

    @Test
    void keywordsAndValues() {
        String text = "host=" + SERVER.host() + " port=" + SERVER.port() + " dbname='" + SERVER.database() + "' user="
                + SERVER.username() + " password='"
                + SERVER.password().replace("\\", "\\\\").replace("'", "\\'") + "'";
        try (var connection = PgConnection.open(text)) {
            assertThat(connection.fetchOne("select current_database()").getString(0))
                    .isEqualTo(SERVER.database());
        }
    }

    @Test
    void hostThatDoesNotAnswerIsPassedOver() {
        var options = PgConnectOptions.parse("postgresql://127.0.0.1:1," + SERVER.host() + ":" + SERVER.port() + "/"
                        + SERVER.database() + "?target_session_attrs=read-write")
                .toBuilder()
                .username(SERVER.username())
                .password(SERVER.password())
                .build();
        try (var connection = PgConnection.open(options)) {
            assertThat(connection.fetchOne("select inet_server_port()").getInt(0))
                    .isEqualTo(SERVER.port());
        }
    }

    @Test
    void unixSocketAsHost() {
        assumeThat(SERVER.unixSocketDirectory()).isPresent();
        String directory = SERVER.unixSocketDirectory().orElseThrow().toString();
        String encoded = URLEncoder.encode(directory, StandardCharsets.UTF_8);
        for (String uri : new String[] {
            "postgresql://" + SERVER.username() + "@" + encoded + ":" + SERVER.port() + "/" + SERVER.database(),
            "postgresql:///" + SERVER.database() + "?user=" + SERVER.username() + "&port=" + SERVER.port() + "&host="
                    + directory,
            "host='" + directory + "' port=" + SERVER.port() + " user=" + SERVER.username() + " dbname="
                    + SERVER.database()
        }) {
            try (var connection = PgConnection.open(uri)) {
                assertThat(connection
                                .fetchOne("select inet_server_addr() is null as local")
                                .getBoolean("local"))
                        .isTrue();
            }
        }
    }

    private static String show(PgConnection connection, String parameter) {
        return connection.fetchOne("select current_setting($1)", parameter).getString(0);
    }
}
