package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A test without Spring, for docs/testing.md. */
class PlainTests {

    private final String serverUri = PostgresServer.shared().uri();

    // tag::plain[]
    PgPool pool;

    @BeforeEach
    void createDatabase() {
        try (PgPool server = PgPool.open(serverUri)) {
            server.execute("create database shop_test");
        }
        pool = PgPool.open(serverUri + "?dbname=shop_test");
    }

    @AfterEach
    void dropDatabase() {
        pool.close();
        try (PgPool server = PgPool.open(serverUri)) {
            server.execute("drop database shop_test");
        }
    }

    @Test
    void storesAnItem() {
        pool.execute("create table item (name text); insert into item values ('lamp')");
        assertThat(pool.fetchOne("select name from item").getString(0)).isEqualTo("lamp");
    }
    // end::plain[]
}
