package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import java.math.BigDecimal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** What docs/spring-boot.md shows, run together in one application. */
@Timeout(60)
class GuideIT {

    private static final String DATABASE = "guide_it";

    private static ConfigurableApplicationContext context;
    private static PgTemplate pg;

    @BeforeAll
    static void start() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        context = new SpringApplicationBuilder(GuideApplication.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--pgpure.url=" + server.uri(DATABASE),
                        "--reporting.url=" + server.uri(DATABASE),
                        "--reporting.pool.max-connections=2");
        pg = context.getBean(PgTemplate.class);
        pg.pool().execute("""
                create schema shop;
                create table item (id bigint generated always as identity primary key, name text not null);
                create table account (id bigint primary key, balance numeric not null);
                insert into account values (1, 100), (2, 0)""");
    }

    @AfterAll
    static void stop() {
        context.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    @Test
    void customizerSetsTheSearchPath() {
        assertThat(pg.fetchOne("select to_regclass('shop.item') is not null").getBoolean(0))
                .isTrue();
    }

    @Test
    void serviceFindsAddsAndRenames() {
        Items items = context.getBean(Items.class);
        long id = items.add("lamp");
        assertThat(items.rename(id, "candle")).isEqualTo(1);
        assertThat(items.find(id)).contains(new Item(id, "candle"));
        assertThat(items.find(-1)).isEmpty();
    }

    @Test
    void transferMovesTheAmount() {
        context.getBean(Accounts.class).transfer(1, 2, new BigDecimal("30"));
        assertThat(pg.fetchOne("select balance from account where id = 2").getBigDecimal(0))
                .isEqualByComparingTo("30");
    }

    @Test
    void listenerHearsOfAnOrder() throws InterruptedException {
        pg.execute("select pg_notify('orders', $1)", "{\"id\": 7, \"status\": \"paid\"}");
        assertThat(context.getBean(Orders.class).changes.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Orders.OrderChanged(7, "paid"));
    }

    @Test
    void secondPoolHasItsOwnSettings() {
        assertThat(context.getBean("reportingPool", PgPool.class).maxConnections())
                .isEqualTo(2);
        assertThat(context.getBean("reportingTemplate", PgTemplate.class)
                        .fetchOne("select current_database()")
                        .getString(0))
                .isEqualTo(DATABASE);
    }
}
