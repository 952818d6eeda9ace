package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken from environment variables and service files, and what goes before what. */
class ConnectionEnvironmentTests {

    @TempDir
    Path home;

    @Test
    void variablesGiveWhatTheStringLeavesOut() {
        PgConnectOptions options = read(
                "postgresql://ada@db1/shop",
                Map.of(
                        "PGHOST", "db2",
                        "PGPORT", "5433",
                        "PGUSER", "eve",
                        "PGPASSWORD", "sesame",
                        "PGSSLMODE", "require",
                        "PGCONNECT_TIMEOUT", "7",
                        "PGAPPNAME", "box office",
                        "PGOPTIONS", "-c geqo=off",
                        "PGTZ", "Europe/Berlin",
                        "PGREQUIREAUTH", "scram-sha-256"));
        assertThat(options.hosts()).containsExactly(new PgHost("db1", 5433));
        assertThat(options.username()).isEqualTo("ada");
        assertThat(options.password()).isEqualTo("sesame");
        assertThat(options.database()).isEqualTo("shop");
        assertThat(options.sslMode()).isEqualTo(SslMode.REQUIRE);
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(options.requireAuth()).containsExactly(AuthenticationMethod.SCRAM_SHA_256);
        assertThat(options.startupParameters())
                .containsEntry("application_name", "box office")
                .containsEntry("options", "-c geqo=off")
                .containsEntry("TimeZone", "Europe/Berlin");
    }

    @Test
    void parseAloneReadsNeitherVariablesNorFiles() {
        PgConnectOptions options = PgConnectOptions.parse("");
        assertThat(options.passFile()).isNull();
        assertThat(options.hosts()).containsExactly(new PgHost("localhost", 5432));
    }

    @Test
    void passwordFileIsTheUsersUnlessAnotherIsNamed() {
        assertThat(read("", Map.of()).passFile()).isEqualTo(home.resolve(".pgpass"));
        assertThat(read("", Map.of("PGPASSFILE", "/x")).passFile()).isEqualTo(Path.of("/x"));
        assertThat(read("passfile=/y", Map.of("PGPASSFILE", "/x")).passFile()).isEqualTo(Path.of("/y"));
    }

    @Test
    void certificatesOfTheUserAreUsedWhereNoneAreNamed() throws IOException {
        assertThat(read("", Map.of()).sslRootCert()).isNull();
        Path directory = Files.createDirectory(home.resolve(".postgresql"));
        for (String name : List.of("postgresql.crt", "postgresql.key", "root.crt", "root.crl")) {
            Files.createFile(directory.resolve(name));
        }
        PgConnectOptions options = read("", Map.of());
        assertThat(options.sslRootCert()).isEqualTo(directory.resolve("root.crt"));
        assertThat(options.sslMode()).as("no stricter than libpq").isEqualTo(SslMode.PREFER);
        assertThat(options.sslPolicy().crl()).isEqualTo(directory.resolve("root.crl"));
        assertThat(options.sslClientCert())
                .isEqualTo(new SslClientCert(
                        directory.resolve("postgresql.crt"), directory.resolve("postgresql.key"), null));
        PgConnectOptions named = read("sslrootcert=/r.crt sslcert=/c.crt sslkey=/c.key sslcrl=/r.crl", Map.of());
        assertThat(named.sslRootCert()).isEqualTo(Path.of("/r.crt"));
        assertThat(named.sslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(named.sslPolicy().crl()).isEqualTo(Path.of("/r.crl"));
        assertThat(named.sslClientCert()).isEqualTo(new SslClientCert(Path.of("/c.crt"), Path.of("/c.key"), null));
        assertThat(read("sslrootcert=system", Map.of()).sslPolicy().crl()).isNull();
        assertThat(PgConnectOptions.parse("").sslRootCert()).isNull();
    }

    @Test
    void realEnvironmentCanBeRead() {
        assertThat(PgConnectOptions.fromEnvironment("postgresql://ada@db1/shop").hosts())
                .extracting(PgHost::name)
                .containsExactly("db1");
    }

    @Test
    void serviceGoesBetweenStringAndVariables() throws IOException {
        Files.writeString(home.resolve(".pg_service.conf"), """
                # comment
                [other]
                host=wrong

                [shop]
                  host=db3
                port=5434
                password=with blank =
                user=bob
                """);
        Map<String, String> variables = Map.of("PGSERVICE", "shop", "PGHOST", "db2", "PGDATABASE", "stock");
        PgConnectOptions options = read("user=ada", variables);
        assertThat(options.hosts()).containsExactly(new PgHost("db3", 5434));
        assertThat(options.username()).isEqualTo("ada");
        assertThat(options.password()).isEqualTo("with blank =");
        assertThat(options.database()).isEqualTo("stock");
        assertThat(read("service=other", variables).hosts()).containsExactly(new PgHost("wrong", 5432));
    }

    @Test
    void serviceFileCanBeNamed() throws IOException {
        Path file = Files.writeString(home.resolve("services"), "[a]\nhost=db1\n[a]\nhost=db2\n");
        assertThat(PgConnectOptions.parse("service=a servicefile=" + file).hosts())
                .containsExactly(new PgHost("db1", 5432));
        assertThat(read("service=a", Map.of("PGSERVICEFILE", file.toString())).hosts())
                .containsExactly(new PgHost("db1", 5432));
        Files.createDirectory(home.resolve("etc"));
        Files.writeString(home.resolve("etc/pg_service.conf"), "[b]\nhost=db9\n");
        assertThat(read("service=b", Map.of("PGSYSCONFDIR", home.resolve("etc").toString()))
                        .hosts())
                .as("the system's file, after the user's")
                .containsExactly(new PgHost("db9", 5432));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[a]                 | is defined in none of",
                "[shop];host         | line 2 of the service file",
                "[shop];SeCr=x       | has a keyword that is not known",
                "[shop];service=b    | names another service",
                "[shop];port=SeCr    | port 1",
                "[shop];gsslib=SeCr  | \"gsslib\"",
            })
    void malformedServiceFilesAreRefused(String lines, String message) throws IOException {
        Path file = Files.writeString(home.resolve("services"), lines.replace(';', '\n'));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PgConnectOptions.parse("service=shop servicefile=" + file))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.toString()).doesNotContain("SeCr"));
    }

    private PgConnectOptions read(String text, Map<String, String> variables) {
        return ConnectionStrings.parse(text, new ConnectionEnvironment(variables::get, home))
                .build();
    }
}
