package io.github.pgpure.spring.boot.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@PgPureTest(properties = {"pgpure.pool.max-connections=2", "spring.sql.init.mode=always"})
class PgPureTestIT {

    private static final String DATABASE = "pgpure_slice";

    @Autowired
    private PgTemplate pg;

    @Autowired
    private PgPool pool;

    @Autowired
    private ApplicationContext context;

    @DynamicPropertySource
    static void server(DynamicPropertyRegistry registry) {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        registry.add("pgpure.url", () -> server.uri(DATABASE));
        registry.add("spring.sql.init.schema-locations", () -> "classpath:scripts/schema.sql");
    }

    @RepeatedTest(2)
    void eachTestIsRolledBack() {
        assertThat(pg.currentTransaction()).isPresent();
        assertThat(pg.sql("select count(*) from entry").query(Long.class).single())
                .isZero();
        pg.execute("insert into entry values (1, 'x')");
        assertThat(pool.fetchOne("select count(*) from entry").getLong(0)).isZero();
    }

    @Test
    void takesConvertersAndLeavesComponentsOut() {
        assertThat(context.getBeansOfType(ColourConverter.class)).hasSize(1);
        assertThat(context.getBeansOfType(UnrelatedComponent.class)).isEmpty();
    }
}
