package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.boot.types.Application.Address;
import io.github.pgpure.spring.boot.types.Mood;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.io.InputStreamSource;
import org.springframework.core.test.tools.SourceFile;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ahead-of-time processing of an application with every auto-configuration; it must not connect. */
class PgPureAotTests {

    @Test
    void generatesTheContextAndTheHints() throws Exception {
        var files = new InMemoryGeneratedFiles();
        var generation = new DefaultGenerationContext(new ClassNameGenerator(ClassName.get(Application.class)), files);
        try (var context = new AnnotationConfigApplicationContext()) {
            TestPropertyValues.of("pgpure.url=postgresql://nowhere.invalid/x").applyTo(context);
            context.register(Application.class, io.github.pgpure.spring.boot.types.Application.class);
            new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        }
        generation.writeGeneratedContent();

        assertThat(files.getGeneratedFiles(Kind.SOURCE).keySet())
                .anyMatch(name -> name.contains("PgPoolConfiguration"))
                .anyMatch(name -> name.contains("PgTransactionManagerAutoConfiguration"));
        assertThat(files.getGeneratedFiles(Kind.SOURCE).keySet())
                .anyMatch(name -> name.endsWith("Converter__BeanDefinitions.java"));
        // Not all of the application's classes are public.
        List<SourceFile> sources = new ArrayList<>();
        for (InputStreamSource source : files.getGeneratedFiles(Kind.SOURCE).values()) {
            sources.add(SourceFile.of(new String(source.getInputStream().readAllBytes(), StandardCharsets.UTF_8)));
        }
        TestCompiler.forSystem()
                .withSources(sources)
                .compile(
                        compiled -> assertThat(compiled.getAllCompiledClasses()).hasSameSizeAs(sources));
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Listener.class.getDeclaredMethod("heard", String.class)))
                .accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection()
                        .onConstructorInvocation(Address.class.getDeclaredConstructors()[0]))
                .accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection().onType(Mood.class)).accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Row.class.getMethod("get", int.class, Class.class)))
                .accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection().onType(PgPureProperties.class))
                .accepts(generation.getRuntimeHints());
        rowsToObjectsNeed(generation.getRuntimeHints());
    }

    /** What the mapping of rows, and of composites in them, asks of a class and of all classes of its components. */
    private static void rowsToObjectsNeed(RuntimeHints hints) throws Exception {
        for (Class<?> type : List.of(Customer.class, Home.class, Town.class)) {
            assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(type.getDeclaredConstructors()[0]))
                    .accepts(hints);
            for (RecordComponent component : type.getRecordComponents()) {
                assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(component.getAccessor()))
                        .accepts(hints);
            }
        }
        assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(Account.class.getDeclaredConstructor()))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Account.class.getMethod("setTowns", List.class)))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection().onType(NobodyMapsMe.class))
                .rejects(hints);
    }

    record Customer(long id, Optional<Home> home) {}

    record Home(String street, List<Town> towns) {}

    record Town(String name) {}

    record NobodyMapsMe(String name) {}

    static class Account {
        private List<Town> towns = List.of();

        public List<Town> getTowns() {
            return towns;
        }

        public void setTowns(List<Town> towns) {
            this.towns = towns;
        }
    }

    @Test
    void theHintsAreFoundByTheirFile() throws Exception {
        var hints = new RuntimeHints();
        var registrars = AotServices.factories().load(RuntimeHintsRegistrar.class);
        assertThat(registrars).hasAtLeastOneElementOfType(PgPureRuntimeHints.class);
        registrars.stream()
                .filter(PgPureRuntimeHints.class::isInstance)
                .forEach(registrar -> registrar.registerHints(hints, getClass().getClassLoader()));

        assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Row.class.getMethod("getString", int.class)))
                .accepts(hints);
        for (Method reader : Class.forName("io.github.pgpure.row.ColumnReader").getDeclaredMethods()) {
            if (!reader.isSynthetic()) {
                assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(reader))
                        .accepts(hints);
            }
        }
    }

    /** Core has no Spring: what a native image must know of it stands in a file that says the same as the hints. */
    @Test
    void theMetadataOfCoreSayTheSame() throws Exception {
        var hints = new RuntimeHints();
        new PgPureRuntimeHints().registerHints(hints, getClass().getClassLoader());
        JsonNode metadata = JsonMapper.shared()
                .readTree(Row.class.getResourceAsStream(
                        "/META-INF/native-image/io.github.pgpure/pgpure-core/reachability-metadata.json"));
        Set<String> named = new TreeSet<>();
        for (JsonNode entry : metadata.path("reflection")) {
            named.add(Class.forName(entry.path("type").asString()).getName());
        }

        assertThat(named)
                .isNotEmpty()
                .isEqualTo(hints.reflection()
                        .typeHints()
                        .map(hint -> hint.getType().getName())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        PgPureAutoConfiguration.class,
        PgListenerAutoConfiguration.class,
        PgSqlInitializationAutoConfiguration.class,
        PgTransactionManagerAutoConfiguration.class,
        PgPureHealthContributorAutoConfiguration.class,
        PgPureMetricsAutoConfiguration.class,
        PersistenceExceptionTranslationAutoConfiguration.class,
        TransactionManagerCustomizationAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    @RegisterReflectionForBinding({Customer.class, Account.class})
    static class Application {
        @Bean
        Listener listener() {
            return new Listener();
        }
    }

    static class Listener {
        @PgListener(channels = "x")
        void heard(String payload) {}
    }
}
