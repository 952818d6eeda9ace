package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PgConverterBeansIT {

    private static final String DATABASE = "pgpure_converter_beans";
    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withPropertyValues("pgpure.url=" + server.uri(DATABASE), "pgpure.pool.max-connections=2");

    @BeforeAll
    static void createDatabase() {
        server.createDatabase(DATABASE);
    }

    @AfterAll
    static void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    enum Mood {
        HAPPY,
        SAD
    }

    @Test
    void aTypeByTwoNamesThatOnlyTheServerKnowsToBeOneFailsTheStart() {
        execute("create schema app; create type colour as enum ('red'); create type app.colour as enum ('blue')");
        int oid = Integer.parseInt(query("select 'colour'::regtype::oid"));
        for (TypeName other : List.of(TypeName.of("public.colour"), TypeName.ofOid(oid))) {
            runner.withBean("bare", Converter.class, () -> EnumConverter.of(TypeName.of("colour"), Mood.class))
                    .withBean("full", Converter.class, () -> EnumConverter.of(other, Mood.class))
                    .run(context -> {
                        assertThat(context).hasFailed();
                        FailureAnalysis analysis =
                                new PgPureConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
                        assertThat(analysis).isNotNull();
                        assertThat(analysis.getDescription()).contains("'bare'", "'full'");
                    });
        }
    }

    @Test
    void typesOfOneNameInTwoSchemasAreTwo() {
        execute("create schema two; create type size as enum ('happy'); create type two.size as enum ('sad')");
        runner.withBean("bare", Converter.class, () -> EnumConverter.of(TypeName.of("size"), Mood.class))
                .withBean("full", Converter.class, () -> EnumConverter.of(TypeName.of("two.size"), Mood.class))
                .withBean("quoted", Converter.class, () -> EnumConverter.of(TypeName.of("Size"), Mood.class))
                .withBean("absent", Converter.class, () -> EnumConverter.of(TypeName.of("absent.size"), Mood.class))
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select array['happy'::size]::text || array['sad'::two.size]::text as t")
                                .getString("t"))
                        .isEqualTo("{happy}{sad}"));
    }

    private static void execute(String sql) {
        try (PgConnection connection = PgConnection.open(server.uri(DATABASE))) {
            connection.execute(sql);
        }
    }

    private static String query(String sql) {
        try (PgConnection connection = PgConnection.open(server.uri(DATABASE))) {
            return String.valueOf(connection.fetchOne(sql).getString(0));
        }
    }

    @Test
    void converterBeansServeTheTypeAndItsArray() {
        runner.withBean("moodConverter", Converter.class, () -> EnumConverter.of(TypeName.of("mood"), Mood.class))
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    // The type is created after the pool was opened, as by a migration of the application.
                    pool.execute("drop type if exists mood");
                    pool.execute("create type mood as enum ('happy', 'sad')");
                    assertThat(pool.fetchOne("select 'sad'::mood").get(0, Mood.class))
                            .isEqualTo(Mood.SAD);
                    assertThat(pool.fetchOne("select $1::mood", Mood.HAPPY).get(0))
                            .isEqualTo(Mood.HAPPY);
                    assertThat(pool.fetchOne("select $1::mood[]", List.of(Mood.HAPPY, Mood.SAD))
                                    .get(0))
                            .isEqualTo(List.of(Mood.HAPPY, Mood.SAD));
                });
    }
}
