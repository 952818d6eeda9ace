package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

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
