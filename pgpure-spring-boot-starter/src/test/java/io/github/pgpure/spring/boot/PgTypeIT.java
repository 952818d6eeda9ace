package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.JsonMapping;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.boot.types.Application;
import io.github.pgpure.spring.boot.types.Application.Address;
import io.github.pgpure.spring.boot.types.Mood;
import io.github.pgpure.test.PostgresServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Annotated enums and records need no bean, and JSON is mapped by the application's mapper. */
class PgTypeIT {

    private static final String DATABASE = "pgpure_pg_type";
    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withUserConfiguration(Application.class)
            .withPropertyValues("pgpure.url=" + server.uri(DATABASE), "pgpure.pool.max-connections=2");

    @BeforeAll
    static void createDatabase() {
        server.createDatabase(DATABASE);
    }

    @AfterAll
    static void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    @Test
    void annotatedTypesNeedNoBean() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            pool.execute("""
                    create type mood as enum ('happy', 'SAD');
                    create schema app;
                    create type app.address as (street text, postal_code text, moods mood[]);
                    """);
            var address = new Address("Main St", Optional.empty(), List.of(Mood.SAD, Mood.HAPPY));
            Row row = pool.fetchOne(
                    "select $1::mood as mood, $2::app.address as address, $3::app.address[] as addresses",
                    Mood.SAD,
                    address,
                    List.of(address));
            assertThat(row.get("mood")).isEqualTo(Mood.SAD);
            assertThat(row.get("address")).isEqualTo(address);
            assertThat(row.get("addresses")).isEqualTo(List.of(address));
        });
    }

    @Test
    void anAnnotatedTypeAndABeanForItFailTheStart() {
        runner.withBean("moodConverter", Converter.class, () -> EnumConverter.of(TypeName.of("mood"), Mood.class))
                .run(context -> {
                    assertThat(context).hasFailed();
                    FailureAnalysis analysis =
                            new PgPureConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis).isNotNull();
                    assertThat(analysis.getDescription())
                            .contains("'moodConverter'", "'@PgType " + Mood.class.getName() + "'", "'mood'");
                    assertThat(analysis.getAction()).contains("remove that annotation");
                });
    }

    record Book(String bookTitle) {}

    @Test
    void jsonIsMappedByTheApplicationsMapper() {
        runner.withBean(
                        JsonMapper.class,
                        () -> JsonMapper.builder()
                                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                                .build())
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    Row row = pool.fetchOne("select $1::jsonb ->> 'book_title' as t, $1::jsonb as v", new Book("Momo"));
                    assertThat(row.getString("t")).isEqualTo("Momo");
                    assertThat(row.get("v", Book.class)).isEqualTo(new Book("Momo"));
                });
    }

    @Test
    void aJsonMappingOfTheApplicationNeedsNoJackson() {
        JsonMapping mapping = new JsonMapping() {
            @Override
            public Object read(String json, Class<?> type) {
                return Map.of("read", json);
            }

            @Override
            public String write(Object value) {
                return "{}";
            }
        };
        runner.withClassLoader(new FilteredClassLoader("tools.jackson"))
                .withBean(JsonMapping.class, () -> mapping)
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select '[]'::json")
                                .get(0, Map.class))
                        .isEqualTo(Map.of("read", "[]")));
    }

    @Test
    void jacksonMayBeAbsent() {
        runner.withClassLoader(new FilteredClassLoader("tools.jackson"))
                .run(context -> assertThat(context).hasSingleBean(PgPool.class).doesNotHaveBean(JsonMapping.class));
    }
}
